package dev.holdfast.zoo;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Backends with wrong tokens and wrong fences. */
final class FencingMutants {
    private FencingMutants() {}

    @MadeFor(
            value = Rule.FN_01,
            fault = "The token is counted in the lock object, which a release deletes.",
            cause = "token restarts with the lock object",
            seen = "token")
    static final class TokenRestarts extends Healthy {
        private static final Map<String, Long> OBJECTS = new ConcurrentHashMap<>();

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            String object = place() + lease.key();
            long token = OBJECTS.merge(object, 1L, Long::sum);
            return new PassedOn(lease) {
                @Override
                public long token() {
                    return token;
                }

                @Override
                public void release() {
                    if (isHeld()) {
                        OBJECTS.remove(object);
                    }
                    super.release();
                }
            };
        }
    }

    @MadeFor(
            value = Rule.FN_02,
            fault = "A write through a view asks whether the fence still stands there and is then sent without it.",
            cause = "the fence is read first and compared in the client",
            seen =
                    "after the deposed writer was stopped|the takeover|writes held back|on their way|round trips of \\d+ puts")
    static final class FenceComparedInTheClient extends Healthy {
        @Override
        public Backend fence(long token) {
            View view = new View(this, token, super.fence(token).capabilities());
            view.use(inner());
            return view;
        }

        private void stillStandsAt(long token) {
            Backend unused = super.fence(token);
            roundTrip();
        }

        private static final class View extends Healthy {
            private final FenceComparedInTheClient owner;
            private final long token;
            private final Set<Capability> capabilities;

            View(FenceComparedInTheClient owner, long token, Set<Capability> capabilities) {
                this.owner = owner;
                this.token = token;
                this.capabilities = capabilities;
            }

            @Override
            public void put(Entry entry) {
                owner.stillStandsAt(token);
                super.put(entry);
            }

            @Override
            public void delete(Key key) {
                owner.stillStandsAt(token);
                super.delete(key);
            }

            @Override
            public void commit(List<Mutation> mutations) {
                owner.stillStandsAt(token);
                super.commit(mutations);
            }

            @Override
            public Set<Capability> capabilities() {
                return capabilities;
            }

            @Override
            public void close() {}
        }
    }

    @MadeFor(
            value = Rule.FN_03,
            fault = "Puts are sent a little later, and a release does not wait for them.",
            cause = "a cache survives the change of holder, or writes were still buffered",
            seen = "as its predecessors left it")
    static final class BufferOutlivesTheLease extends Healthy {
        private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "zoo-sender");
            thread.setDaemon(true);
            return thread;
        });

        @Override
        public void put(Entry entry) {
            sender.execute(() -> {
                roundTrip();
                try {
                    super.put(entry);
                } catch (BackendException.Closed e) {
                    // then it is lost
                }
            });
        }

        @Override
        public Optional<Entry> get(Key key) {
            flush();
            return super.get(key);
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            flush();
            return super.list(prefix, after, limit);
        }

        @Override
        public void delete(Key key) {
            flush();
            super.delete(key);
        }

        private void flush() {
            CompletableFuture.runAsync(() -> {}, sender).join();
        }

        @Override
        public void close() {
            sender.shutdown();
            super.close();
        }
    }

    @MadeFor(
            value = Rule.FN_04,
            fault = "Raising the fence to where it stands already is refused.",
            cause = "an equal token is refused, so the retry of an unanswered `fence` fails",
            seen = "Fenced")
    static final class EqualFenceRefused extends Healthy {
        private static final Map<String, Long> HIGHEST = new ConcurrentHashMap<>();

        @Override
        public Backend fence(long token) {
            Long before = HIGHEST.put(place(), token);
            if (before != null && before == token) {
                throw new BackendException.Fenced(
                        Operation.at("zoo", "store=" + place()).on("fence", token), token);
            }
            return super.fence(token);
        }
    }
}
