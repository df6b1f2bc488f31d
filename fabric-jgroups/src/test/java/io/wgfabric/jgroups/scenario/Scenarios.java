package io.wgfabric.jgroups.scenario;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests of an {@link Ensemble}. It runs our members, or with {@code -Dfabric.raft=stock} those of jgroups-raft, which
 * fail some of them.
 */
abstract class Scenarios {
    static final String ANYONE = Post.ANYONE;

    private @Nullable Ensemble ensemble;
    private @Nullable Path directory;
    private Ensemble.@Nullable Nursery nursery;

    @BeforeEach
    void choose(@TempDir(factory = InMemory.class) Path directory) {
        String chosen = System.getProperty("fabric.raft", "ours");
        assertTrue(chosen.equals("ours") || chosen.equals("stock"), "fabric.raft is ours or stock");
        begin(directory, chosen.equals("ours") ? OurMember::new : StockMember::new);
    }

    @AfterEach
    void end() {
        e().close();
    }

    void begin(Path where, Ensemble.Nursery who) {
        directory = where;
        nursery = who;
        ensemble = new Ensemble(where, who);
    }

    /** A new ensemble in place of the present one. */
    void again(int number) {
        end();
        ensemble = new Ensemble(
                Objects.requireNonNull(directory).resolve("again" + number), Objects.requireNonNull(nursery));
    }

    Ensemble e() {
        return Objects.requireNonNull(ensemble);
    }
}
