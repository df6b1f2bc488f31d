package io.wgfabric.jgroups.scenario;

/** Thrown through a member's code at the moment at which its process is killed, or halts itself. */
final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash(String member) {
        super(member, null, false, false);
    }
}
