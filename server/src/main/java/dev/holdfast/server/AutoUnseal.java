package dev.holdfast.server;

import dev.holdfast.server.api.Api;
import dev.holdfast.spi.BackendException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unseals a node that has a key file, as soon as its storage answers and its cluster is initialised, by whichever node. */
final class AutoUnseal implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AutoUnseal.class);

    private final Api api;
    private final Thread thread;

    AutoUnseal(Api api) {
        this.api = api;
        thread = new Thread(this::run, "holdfast-server-unseal");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!attempt()) {
                TimeUnit.SECONDS.sleep(1);
            }
        } catch (InterruptedException e) {
            // closed
        } catch (IllegalStateException e) {
            log.error("{}", e.getMessage());
        }
    }

    private boolean attempt() {
        try {
            return api.autoUnseal();
        } catch (BackendException e) {
            log.warn("not unsealed yet: {}", e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
