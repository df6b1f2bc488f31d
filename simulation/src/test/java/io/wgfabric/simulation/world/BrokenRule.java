package io.wgfabric.simulation.world;

import io.wgfabric.api.Command;
import io.wgfabric.core.state.Machine;
import io.wgfabric.jgroups.raft.RaftCore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.pcollections.TreePMap;

/**
 * A mistake in one production class: the file, a text that it has exactly once, and what stands there instead.
 *
 * @param file below the project's folder
 * @param whole whether it shows in whole fabrics, or already in the consensus
 * @param seeds within which the simulation must find it
 */
record BrokenRule(String name, String file, String text, String replacement, boolean whole, int seeds) {

    /** Compiles the broken class and runs the simulation through it; says after how many seeds what was seen, or nothing. */
    String hunt(Path project, Path folder) throws IOException, ReflectiveOperationException {
        Path source = project.resolve(file);
        String original = Files.readString(source);
        int at = original.indexOf(text);
        if (at < 0 || original.indexOf(text, at + 1) >= 0) {
            throw new IllegalStateException(name + ": " + file + " does not have this text exactly once: " + text);
        }
        Path broken = folder.resolve(String.valueOf(source.getFileName()));
        Files.writeString(broken, original.replace(text, replacement), StandardCharsets.UTF_8);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> arguments =
                List.of("-proc:none", "-nowarn", "-cp", classPath(), "-d", folder.toString(), broken.toString());
        if (compiler.run(null, null, null, arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException(name + ": the broken class does not compile");
        }
        Class<?> hunt = new Patched(folder).loadClass(Hunt.class.getName());
        @SuppressWarnings("unchecked") // it is the Hunt of the other loader
        Function<long[], String> made =
                (Function<long[], String>) hunt.getDeclaredConstructor().newInstance();
        return made.apply(new long[] {1, seeds, whole ? 1 : 0});
    }

    /** Where the classes come from that the sources above need, however this test was started. */
    private static String classPath() {
        return Stream.of(Command.class, Machine.class, RaftCore.class, NullMarked.class, TreePMap.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Override
    public String toString() {
        return name;
    }

    /** Loads the fabric's classes itself, those of a folder first, and leaves all others to its parent. */
    private static final class Patched extends ClassLoader {
        private final Path folder;

        Patched(Path folder) {
            super(BrokenRule.class.getClassLoader());
            this.folder = folder;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("io.wgfabric.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String resource = name.replace('.', '/') + ".class";
            Path patched = folder.resolve(resource);
            try (InputStream in = Files.exists(patched)
                    ? Files.newInputStream(patched)
                    : getParent().getResourceAsStream(resource)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
