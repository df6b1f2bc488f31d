package io.wgfabric.jgroups.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The directory of one member, as far as the log needs it: files by their names, and what a crash leaves of them said
 * explicitly. Nothing lasts before it was forced: bytes and lengths by {@link File#force}, names by {@link #sync}.
 *
 * <p>A file of a name that is not there is a {@link java.nio.file.NoSuchFileException}. {@code toString()} says where it
 * is, for messages.
 */
public interface Disk extends Closeable {

    /** A file that is open for writing at its end. */
    interface File extends Closeable {

        /** Appends all that remains in the buffer. */
        void write(ByteBuffer bytes) throws IOException;

        /** Cuts the file to this length. */
        void truncate(long length) throws IOException;

        /** Returns when what was written is on the disk, and its length; with {@code metadata} all the rest too. */
        void force(boolean metadata) throws IOException;
    }

    /** The names that are there, sorted. */
    List<String> list() throws IOException;

    boolean exists(String name) throws IOException;

    long size(String name) throws IOException;

    byte[] read(String name) throws IOException;

    /** Reads from a position until the buffer is full or the file ends. */
    void read(String name, long position, ByteBuffer into) throws IOException;

    /** Makes a new file, which must not be there. */
    File create(String name) throws IOException;

    /** Opens a file that is there. */
    File open(String name) throws IOException;

    /** Gives a file another name, at once, in place of a file that has it. */
    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Returns when names that were made, changed or removed are so on the disk. */
    void sync() throws IOException;
}
