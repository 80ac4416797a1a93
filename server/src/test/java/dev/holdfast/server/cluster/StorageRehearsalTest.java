package dev.holdfast.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.server.barrier.FlakyStorage;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StorageRehearsalTest {
    private final Backend storage = Backends.load().open("inmem", Map.of("store", "rehearsal-" + UUID.randomUUID()));
    private final Counted counted = new Counted(storage);
    private final AtomicLong now = new AtomicLong();
    private final StorageRehearsal rehearsal = new StorageRehearsal(counted, now::get);

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void whatItWritesIsGoneAfterwardsAndItIsDoneOnce() {
        rehearsal.ifDue();
        assertThat(counted.puts).isPositive();
        assertThat(storage.list(Prefix.ROOT)).isEmpty();

        int before = counted.puts;
        now.addAndGet(Duration.ofDays(1).toNanos());
        rehearsal.ifDue();
        assertThat(counted.puts).isEqualTo(before);
    }

    @Test
    void aStoreThatRefusesIsAskedAgainAfterAMinute() {
        counted.refuses = true;
        rehearsal.ifDue();
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        rehearsal.ifDue();
        assertThat(counted.puts).isEqualTo(1);

        counted.refuses = false;
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        rehearsal.ifDue();
        assertThat(counted.puts).isGreaterThan(1);
        assertThat(storage.list(Prefix.ROOT)).isEmpty();
    }

    private static final class Counted extends FlakyStorage {
        private int puts;
        private boolean refuses;

        Counted(Backend storage) {
            super(storage);
        }

        @Override
        public void put(Entry entry) {
            puts++;
            if (refuses) {
                throw new BackendException.AccessDenied(
                        Operation.at("test", "storage").on("put", entry.key()), "as asked", null);
            }
            super.put(entry);
        }
    }
}
