package io.wgfabric.javalin.cli;

import io.wgfabric.agent.AtomicFiles;
import io.wgfabric.core.backup.Backup;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code fabric backup}. */
@Command(
        name = "backup",
        description = "Write the whole state of the cluster, sealed, to a file, while it goes on.",
        footerHeading = "%nExamples:%n",
        footer = "  fabric backup fabric-$(date +%%F).backup")
final class BackupCommand implements Callable<Integer> {
    /** How long a manager may take to send it. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private ClientOptions managers = new ClientOptions();

    @Parameters(paramLabel = "FILE", description = "Where to; it must not exist yet.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        if (spec == null || file == null) {
            throw new IllegalStateException("picocli fills this in");
        }
        if (Files.exists(file)) {
            throw new IOException(file + " exists already; name another file");
        }
        byte[] bytes;
        try (InputStream in = managers.open("/v1/backup")) {
            bytes = read(in);
        }
        Backup.Header header = Backup.parse(bytes).header();
        AtomicFiles.write(file, bytes);
        PrintWriter out = spec.commandLine().getOut();
        out.println("Backup of cluster " + header.cluster() + ", epoch " + header.epoch() + ", revision "
                + header.revision() + ": " + bytes.length + " bytes in " + file + ".");
        out.println("State digest  " + header.digest().hex());
        out.println("Sealing key   " + header.sealedUnder());
        out.println();
        out.println("It opens with that key alone. Keep a copy of it apart from the backup: the file sealing.key in the"
                + " data folder of any manager.");
        out.flush();
        return 0;
    }

    private static byte[] read(InputStream in) throws IOException {
        CompletableFuture<byte[]> whole = CompletableFuture.supplyAsync(() -> {
            try {
                return in.readNBytes(Backup.MAX_BYTES);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            return whole.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("the manager did not send the whole backup; nothing was written, ask again", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
