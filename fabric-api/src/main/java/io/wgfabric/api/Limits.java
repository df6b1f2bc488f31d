package io.wgfabric.api;

import java.time.Duration;

/** Every limit on what a caller may ask for, in one place. */
public final class Limits {
    /** Tags of a token or node. */
    public static final int TAGS = 16;
    /** Characters of a tag. */
    public static final int TAG_LENGTH = 63;
    /** Endpoints that a node may offer. */
    public static final int ENDPOINTS = 16;
    /** Characters of a reason that an operator gives. */
    public static final int REASON_LENGTH = 256;
    /** Address pools of a cluster. */
    public static final int POOLS = 16;
    /** Management nodes of a cluster: a larger quorum only costs. */
    public static final int MANAGERS = 9;
    /** Nodes of a cluster. */
    public static final int NODES = 100_000;
    /** Tokens that are remembered; the oldest ones that can admit nobody any more make room. */
    public static final int TOKENS = 10_000;
    /** Uses of a token that counts them. */
    public static final int TOKEN_USES = 1_000_000;
    /** The longest life of a token. */
    public static final Duration TOKEN_TTL = Duration.ofDays(366);
    /** The shortest life of a token. */
    public static final Duration TOKEN_TTL_MIN = Duration.ofSeconds(1);
    /** Answers that are remembered for repeats under the same request id, however old. */
    public static final int REMEMBERED_REQUESTS = 20_000;
    /** An answer is remembered for so long at least: longer than any of our own clients goes on asking for it. */
    public static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);
    /** Answers that are remembered at all; new commands are refused while there are so many younger than a minute. */
    public static final int REMEMBERED_AT_MOST = 300_000;
    /** Managers that were removed and are known as such; the oldest make room. */
    public static final int REMOVED_MANAGERS = 1_000;
    /** Entries of the audit chain that are kept in the state; older ones live in exports. */
    public static final int AUDIT_ENTRIES = 10_000;
    /** How long an address rests after its node has gone before another node may get it. */
    public static final Duration ADDRESS_COOL_DOWN = Duration.ofHours(1);
    /** How long an ephemeral node may be away before it is removed, unless its token says otherwise. */
    public static final Duration EPHEMERAL_GRACE = Duration.ofMinutes(5);
    /** The shortest grace that a token may give: longer than it takes to call a node offline. */
    public static final Duration EPHEMERAL_GRACE_MIN = Duration.ofSeconds(15);
    /** The longest grace that a token may give. */
    public static final Duration EPHEMERAL_GRACE_MAX = Duration.ofDays(30);
    /** The longest quarantine that ends by itself. */
    public static final Duration QUARANTINE = Duration.ofDays(366);
    /** Nodes that were removed and are still shown; the oldest make room. */
    public static final int REMOVED_NODES = 1_000;
    /** How long a removed node is shown. */
    public static final Duration REMOVED_NODES_FOR = Duration.ofDays(30);

    /** Addresses that are reserved for a name. */
    public static final int RESERVATIONS = 100_000;
    /** Addresses that came back and are kept apart; with more of them they are given before new ones. */
    public static final int RESTED_ADDRESSES = 100_000;
    /** Networks behind a node that it may forward to. */
    public static final int ROUTES = 16;
    /** The shortest age at which keys are rotated unasked; a rotation takes some seconds. */
    public static final Duration KEY_AGE_MIN = Duration.ofSeconds(10);
    /** The longest. */
    public static final Duration KEY_AGE_MAX = Duration.ofDays(3660);
    /** Operators of a cluster. */
    public static final int OPERATORS = 1_000;

    /** Pairs for whose pre-shared keys a node may ask at once: their bytes fit into a request. */
    public static final int PRESHARED_KEYS = 256;

    private Limits() {}
}
