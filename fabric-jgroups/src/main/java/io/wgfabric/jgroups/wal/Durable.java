package io.wgfabric.jgroups.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Writes that are either there as a whole after a crash, or not at all. */
final class Durable {
    static final String TEMPORARY = ".tmp";

    private Durable() {}

    /** Writes a file beside the target, forces it, renames it, syncs the directory: the order matters. */
    static void replace(Disk disk, String target, ByteBuffer... content) throws IOException {
        String temporary = target + TEMPORARY;
        if (disk.exists(temporary)) {
            disk.delete(temporary);
        }
        try (Disk.File file = disk.create(temporary)) {
            for (ByteBuffer part : content) {
                file.write(part);
            }
            file.force(true);
        }
        disk.rename(temporary, target);
        disk.sync();
    }

    /** The names with this ending, sorted. */
    static List<String> list(Disk disk, String suffix) throws IOException {
        List<String> found = new ArrayList<>();
        for (String name : disk.list()) {
            if (name.endsWith(suffix)) {
                found.add(name);
            }
        }
        return found;
    }

    /** The checksum of a part of a buffer; its position stays. */
    static int crc(ByteBuffer bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().position(offset).limit(offset + length));
        return (int) crc.getValue();
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
