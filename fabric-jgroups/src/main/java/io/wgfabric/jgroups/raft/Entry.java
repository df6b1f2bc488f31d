package io.wgfabric.jgroups.raft;

/**
 * One entry of the log. The bytes are shared, never changed.
 *
 * @param index position in the log, from 1
 * @param term the leader's term that made it
 * @param kind what the data mean
 * @param origin the incarnation of the member that asked for it; 0 if none
 * @param request the asker's request number; with {@code origin} it recognises its own entry when it applies it
 * @param data a command, an encoded {@link Configuration}, or nothing
 */
@SuppressWarnings("ArrayRecordComponent") // shared bytes, never compared
public record Entry(long index, long term, Kind kind, long origin, long request, byte[] data) {

    /** What an entry means. The code is on disk and on the wire and never changes. */
    public enum Kind {
        /** Made by a new leader so that it can commit what came before (dissertation section 3.6.2, 6.4). */
        NOOP(0),
        COMMAND(1),
        CONFIGURATION(2),
        /** A command of stock jgroups-raft's own, stored through its {@code Log} interface only. */
        INTERNAL(3);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        public static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("unknown kind of entry " + code);
        }
    }

    private static final byte[] NONE = {};

    public static Entry noop(long index, long term) {
        return new Entry(index, term, Kind.NOOP, 0, 0, NONE);
    }

    public static Entry configuration(long index, long term, Configuration configuration) {
        return new Entry(index, term, Kind.CONFIGURATION, 0, 0, configuration.encode());
    }

    /** The size that limits count, in bytes: the data and a flat charge for the rest. */
    public int weight() {
        return data.length + 48;
    }
}
