package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.server.barrier.Seal;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Operation;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InitializationTest {
    /** Its last write, in which storage does not answer before it is cut short, as that of a request that took too long. */
    private static final class Silent extends FlakyStorage {
        final CountDownLatch writing = new CountDownLatch(1);

        Silent(HABackend storage) {
            super(storage);
        }

        @Override
        public void put(Entry entry) {
            if (!entry.key().path().equals("core/seal-config")) {
                super.put(entry);
                return;
            }
            writing.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BackendException.OutcomeUnknown(
                        Operation.at("flaky", "storage").on("put", entry.key()), "interrupted", e);
            }
        }
    }

    /** "Nothing was done" would have its caller try again, and find a cluster whose keys nobody has. */
    @Test
    void whoInitialisesIsToldOfTheDoubtAlsoWhenThatTookTooLong() throws Exception {
        HABackend locks = (HABackend) Backends.load().open("inmem", Map.of("store", "init-" + UUID.randomUUID()));
        Silent storage = new Silent(locks);
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        try (HAStorage pair = HAStorage.of(storage).haStorage(locks).build()) {
            Initialization initialization = new Initialization(pair, new Seal(storage));
            Thread request = new Thread(() -> {
                try {
                    initialization.run(new Initialization.Wish(1, 1, Optional.empty(), first -> {}));
                    ended.complete(new AssertionError("it was initialised"));
                } catch (Throwable e) {
                    ended.complete(e);
                }
            });
            request.start();
            assertThat(storage.writing.await(30, TimeUnit.SECONDS)).isTrue();
            request.interrupt();
            assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(Seal.InDoubtException.class);
        } finally {
            locks.close();
        }
    }
}
