package io.wgfabric.javalin.cli;

import io.wgfabric.core.crypto.PassphraseLock;
import io.wgfabric.javalin.server.Passphrase;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the passphrase of the sealing key is: a file, the environment, or a person at a terminal; never an argument. */
final class PassphraseOptions implements Passphrase {
    private static final String VARIABLE = "FABRIC_PASSPHRASE";

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "The passphrase that locks the sealing key is in its first line (env " + VARIABLE
                    + " has the passphrase itself, else a terminal is asked when the key is locked).")
    private @Nullable Path file;

    @Override
    public byte @Nullable [] read(boolean needed) throws IOException {
        if (file != null) {
            return readFile(file);
        }
        String text = System.getenv(VARIABLE);
        if (text != null && !text.isEmpty()) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        return needed ? ask() : null;
    }

    /** The first line of a file, which the caller wipes. */
    static byte[] readFile(Path file) throws IOException {
        // Room for the line's end, and one more to see that it is too long.
        byte[] buffer = new byte[PassphraseLock.MAX_PASSPHRASE + 3];
        try (InputStream in = Files.newInputStream(file)) {
            int length = in.readNBytes(buffer, 0, buffer.length);
            int end = 0;
            while (end < length && buffer[end] != '\n' && buffer[end] != '\r') {
                end++;
            }
            if (end == 0 || end > PassphraseLock.MAX_PASSPHRASE) {
                throw new IOException(file + " has no passphrase of at most " + PassphraseLock.MAX_PASSPHRASE
                        + " bytes in its first line");
            }
            return Arrays.copyOf(buffer, end);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file + "; name the one with the passphrase", e);
        } catch (AccessDeniedException e) {
            throw new IOException("no right to read " + file + "; run as its owner", e);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    @SuppressWarnings({"SystemConsoleNull", "ByteBufferBackingArray"}) // isTerminal; a fresh buffer, which is wiped
    private static byte @Nullable [] ask() {
        Console console = System.console();
        if (console == null || !isTerminal(console)) {
            return null;
        }
        char[] typed = console.readPassword("Passphrase of the sealing key: ");
        if (typed == null || typed.length == 0) {
            return null;
        }
        ByteBuffer utf8 = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        Arrays.fill(typed, '\0');
        Arrays.fill(utf8.array(), (byte) 0);
        return bytes;
    }

    /** Since Java 22 there is a console without a terminal too, which says so. */
    private static boolean isTerminal(Console console) {
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
