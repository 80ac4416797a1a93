package dev.holdfast.server.config;

import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The text of one configuration file.
 *
 * @param name the file's name for messages; JSON when it ends in {@code .json}, or the text begins with a brace
 */
public record ConfigSource(String name, String text) {
    /**
     * The files that a user named; of a directory all that end in {@code .hcl} or {@code .json}.
     *
     * @throws ConfigException naming what cannot be read
     */
    public static List<ConfigSource> of(List<Path> paths) {
        List<ConfigSource> sources = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                List<Path> inside = inside(path);
                if (inside.isEmpty()) {
                    throw refusal(path, "the directory has no .hcl and no .json file");
                }
                inside.forEach(file -> sources.add(read(file)));
            } else {
                sources.add(read(path));
            }
        }
        return sources;
    }

    private static List<Path> inside(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file ->
                            file.toString().endsWith(".hcl") || file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw refusal(directory, "cannot be listed: " + e);
        }
    }

    private static ConfigSource read(Path file) {
        try {
            return new ConfigSource(file.toString(), Files.readString(file, StandardCharsets.UTF_8));
        } catch (CharacterCodingException e) {
            throw refusal(file, "is not UTF-8");
        } catch (IOException e) {
            throw refusal(file, Files.exists(file) ? "cannot be read: " + e : "there is no such file");
        }
    }

    private static ConfigException refusal(Path path, String problem) {
        return new ConfigException("configuration", List.of(path + ": " + problem));
    }

    Syntax.Body parse() {
        boolean json = name.endsWith(".json") || text.stripLeading().startsWith("{");
        return json ? Json.parse(name, text) : Hcl.parse(name, text);
    }
}
