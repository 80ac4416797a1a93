package dev.holdfast.server;

import dev.holdfast.server.api.Listeners;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.server.config.ServerConfig;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What keeps a server from starting and shows before any socket or store is opened: its files, and what goes together. */
final class StartCheck {
    private final Set<String> problems = new LinkedHashSet<>();

    private StartCheck() {}

    /** @throws ConfigException naming all of it */
    static void run(ServerConfig config, Backends backends) {
        StartCheck check = new StartCheck();
        check.add(() -> keyFile(config));
        for (ListenerConfig listener : config.listeners()) {
            check.add(() -> Listeners.check(listener));
        }
        check.add(() -> Stores.check(config, backends));
        if (!check.problems.isEmpty()) {
            throw new ConfigException("configuration", List.copyOf(check.problems));
        }
    }

    private static void keyFile(ServerConfig config) {
        Path file = config.autoUnseal();
        if (file != null) {
            KeyBytes unused = KeyFile.read(file);
        }
    }

    private void add(Runnable part) {
        try {
            part.run();
        } catch (ConfigException e) {
            problems.addAll(e.problems());
        }
    }
}
