package dev.holdfast.server;

import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.barrier.Secrets;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The key that unseals a node by itself: 32 bytes in Base64, in a file that nobody but its owner may read. */
final class KeyFile {
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private KeyFile() {}

    /** @throws ConfigException saying what is wrong and showing nothing of the file */
    static KeyBytes read(Path file) {
        try {
            Set<PosixFilePermission> excess = EnumSet.allOf(PosixFilePermission.class);
            excess.retainAll(Files.getPosixFilePermissions(file));
            excess.removeAll(OWNER);
            if (!excess.isEmpty()) {
                throw refusal(file, "others than its owner may use it (" + excess + "); chmod 600 it");
            }
            byte[] text = Files.readAllBytes(file);
            try {
                return decode(file, text);
            } finally {
                Secrets.wipe(text);
            }
        } catch (IOException | UnsupportedOperationException e) {
            throw refusal(file, Files.exists(file) ? "it cannot be read: " + e : "there is no such file");
        } catch (IllegalArgumentException e) {
            if (e instanceof ConfigException refused) {
                throw refused;
            }
            throw refusal(file, "it must hold 32 bytes in Base64");
        }
    }

    private static KeyBytes decode(Path file, byte[] text) {
        int end = text.length;
        while (end > 0 && text[end - 1] <= ' ') {
            end--;
        }
        int start = 0;
        while (start < end && text[start] <= ' ') {
            start++;
        }
        byte[] base64 = Arrays.copyOfRange(text, start, end);
        byte[] key = {};
        try {
            key = Base64.getDecoder().decode(base64);
            if (key.length != 32) {
                throw refusal(
                        file, "it must hold 32 bytes in Base64, such as 'head -c 32 /dev/urandom | base64' makes");
            }
            return new KeyBytes(key);
        } finally {
            Secrets.wipe(base64);
            Secrets.wipe(key);
        }
    }

    private static ConfigException refusal(Path file, String problem) {
        return new ConfigException("configuration", List.of("seal.file.path: " + file + ": " + problem));
    }
}
