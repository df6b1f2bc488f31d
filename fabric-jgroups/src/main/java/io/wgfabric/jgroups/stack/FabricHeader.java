package io.wgfabric.jgroups.stack;

import java.io.DataInput;
import java.io.DataOutput;
import java.util.function.Supplier;
import org.jgroups.Header;
import org.jgroups.conf.ClassConfigurator;

/** Marks a message as a {@link Frame}; carries nothing. */
public final class FabricHeader extends Header {
    /** In JGroups' range for applications. */
    private static final short MAGIC = 7351;

    static {
        ClassConfigurator.add(MAGIC, FabricHeader.class);
    }

    /** Makes the class known to JGroups. */
    static void register() {
        // the static block does it
    }

    @Override
    public short getMagicId() {
        return MAGIC;
    }

    @Override
    public Supplier<? extends Header> create() {
        return FabricHeader::new;
    }

    @Override
    public int serializedSize() {
        return 0;
    }

    @Override
    public void writeTo(DataOutput out) {
        // nothing
    }

    @Override
    public void readFrom(DataInput in) {
        // nothing
    }
}
