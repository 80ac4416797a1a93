package dev.holdfast.tck.contender;

import dev.holdfast.tck.FolderJar;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;

/**
 * The classes of a contender as the JVM keeps them, made once per run by one that is there for nothing else. With it a
 * contender starts with half the work: what it needs of a client library are thousands of classes.
 *
 * @param file the archive
 * @param classPath this JVM's, with jars in place of folders, because an archive knows no folders
 */
record ClassArchive(Path file, String classPath) {
    private static final int PATIENCE_SECONDS = 20;
    private static final Map<String, CompletableFuture<Optional<ClassArchive>>> BY_TYPE = new ConcurrentHashMap<>();

    /** The archive for contenders of this type, when it has been made. */
    static Optional<ClassArchive> ready(String type) {
        CompletableFuture<Optional<ClassArchive>> made = BY_TYPE.get(type);
        return made == null ? Optional.empty() : made.getNow(Optional.empty());
    }

    /** Begins to make it, unless it is there or being made; complete when it is there, or cannot be had. */
    static CompletableFuture<Optional<ClassArchive>> make(String type, Map<String, String> options) {
        return BY_TYPE.computeIfAbsent(type, any -> {
            CompletableFuture<Optional<ClassArchive>> made = new CompletableFuture<>();
            Thread thread = new Thread(() -> make(type, options, made), "holdfast-tck-class-archive");
            thread.setDaemon(true);
            thread.start();
            return made;
        });
    }

    private static void make(String type, Map<String, String> options, CompletableFuture<Optional<ClassArchive>> made) {
        Optional<ClassArchive> archive = Optional.empty();
        try {
            archive = madeNow(type, options);
        } finally {
            if (archive.isEmpty()) {
                BY_TYPE.remove(type, made); // whoever wants it next tries again
            }
            made.complete(archive);
        }
    }

    private static Optional<ClassArchive> madeNow(String type, Map<String, String> options) {
        try {
            Path directory = Files.createTempDirectory("holdfast-contender-");
            directory.toFile().deleteOnExit();
            ClassArchive archive = new ClassArchive(temporary(directory, "classes.jsa"), jars(directory));
            List<String> recording = List.of("-XX:ArchiveClassesAtExit=" + archive.file, "-cp", archive.classPath);
            try (ContenderProcess process =
                    ContenderProcess.start("archive", type, options, "class-archive", Map.of(), recording)) {
                process.endWithThisJvm();
                process.tell("acquire");
                process.tell("release");
                return process.endsWithin(PATIENCE_SECONDS, TimeUnit.SECONDS) && Files.exists(archive.file)
                        ? Optional.of(archive)
                        : Optional.empty();
            }
        } catch (IOException | RuntimeException e) {
            return Optional.empty(); // it is slower without, and that is all
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static String jars(Path directory) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.isEmpty()) {
                continue; // it means the working directory, which nobody means
            }
            Path path = Path.of(entry);
            if (Files.isDirectory(path)) {
                Path jar = temporary(directory, entries.size() + ".jar");
                FolderJar.write(path, jar, new Attributes());
                entries.add(jar.toString());
            } else {
                entries.add(entry);
            }
        }
        return String.join(File.pathSeparator, entries);
    }

    private static Path temporary(Path directory, String name) {
        Path file = directory.resolve(name);
        file.toFile().deleteOnExit();
        return file;
    }

    /** What a JVM that uses it is started with. */
    List<String> arguments() {
        return List.of("-XX:SharedArchiveFile=" + file, "-Xshare:auto", "-cp", classPath);
    }
}
