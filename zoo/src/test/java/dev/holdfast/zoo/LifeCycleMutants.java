package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.InMemStores;
import dev.holdfast.spi.Mutation;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Backends that are found, configured and closed wrongly. */
final class LifeCycleMutants {
    private LifeCycleMutants() {}

    @MadeFor(
            value = Rule.LC_01,
            fault = "The client's thread is not shut down with it.",
            cause = "the client library's threads or event loops are not shut down, or not awaited",
            seen = "after 100 instances there are \\d+ threads")
    static final class ThreadLeftBehind extends Healthy {
        // Not newSingleThreadExecutor, which ends its thread when it is collected as garbage.
        private final ExecutorService loop = Executors.newFixedThreadPool(1, task -> {
            Thread thread = new Thread(task, "zoo-event-loop");
            thread.setDaemon(true);
            return thread;
        });

        @Override
        protected void open(Map<String, String> given) {
            super.open(given);
            loop.execute(() -> {});
        }
    }

    @MadeFor(
            value = Rule.LC_01,
            fault = "A commit of nothing returns before anybody asks whether the instance is open.",
            cause = "a call that sends nothing does not ask whether the instance is open",
            seen = "a commit of nothing after close")
    static final class NothingAfterClose extends Healthy {
        @Override
        public void commit(List<Mutation> mutations) {
            if (!mutations.isEmpty()) {
                super.commit(mutations);
            }
        }
    }

    /** Has a secret and keeps it. */
    static class WithPassword extends Healthy {
        private String password = "";

        @Override
        protected void open(Map<String, String> given) {
            Map<String, String> others = new HashMap<>(given);
            password = others.getOrDefault("password", "");
            others.remove("password");
            super.open(others);
        }

        final String password() {
            return password;
        }
    }

    @MadeFor(
            value = Rule.LC_02,
            fault = "An instance describes itself with its password.",
            cause = "the client library puts its configuration or a URI with a password into logs or exceptions",
            seen = "messages, descriptions, thread names and log lines")
    static final class PasswordShown extends WithPassword {
        @Override
        public String toString() {
            return super.toString() + " password=" + password();
        }
    }

    /** Reaches the in-memory backend with its own module path. */
    static class InMemAsAModule implements Harness {
        @Override
        public String type() {
            return "inmem";
        }

        @Override
        public Map<String, String> options() {
            return Map.of("store", "as-a-module");
        }

        @Override
        public boolean isDisposable() {
            return true;
        }

        @Override
        public void close() {
            InMemStores.drop("as-a-module");
        }
    }

    @MadeFor(
            value = Rule.LC_03,
            fault = "The jar has neither META-INF/services nor a module descriptor that provides the backend.",
            cause = "META-INF/services or `provides` is missing, or only one of them is there",
            seen = "a JVM with the backend on its module path")
    static final class NoServiceInTheJar extends InMemAsAModule {
        private final List<Path> made = new ArrayList<>();

        @Override
        public Optional<List<Path>> modulePath() {
            return super.modulePath().map(entries -> {
                List<Path> changed = new ArrayList<>(entries);
                changed.set(0, withoutServices(entries.get(0)));
                return changed;
            });
        }

        private Path withoutServices(Path backend) {
            try {
                Path folder = Files.createTempDirectory("holdfast-zoo-");
                made.add(folder);
                if (Files.isDirectory(backend)) {
                    copy(backend, folder);
                } else {
                    try (FileSystem jar = FileSystems.newFileSystem(backend)) {
                        copy(jar.getPath("/"), folder);
                    }
                }
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void copy(Path from, Path to) throws IOException {
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String name = from.relativize(file).toString();
                    if (!name.equals("module-info.class") && !name.startsWith("META-INF")) {
                        Path copy = to.resolve(name);
                        Files.createDirectories(copy.getParent());
                        made.add(Files.copy(file, copy));
                    }
                }
            }
        }

        @Override
        public void close() {
            made.forEach(path -> path.toFile().deleteOnExit());
            super.close();
        }
    }
}
