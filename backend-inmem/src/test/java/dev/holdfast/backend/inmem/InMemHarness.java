package dev.holdfast.backend.inmem;

import dev.holdfast.spi.Capability;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** How the kit reaches a store in this JVM, cuts the links to it and restarts it. */
public final class InMemHarness implements Harness {
    private final String store = "tck-" + UUID.randomUUID();

    @Override
    public String type() {
        return "inmem";
    }

    @Override
    public Map<String, String> options() {
        return Map.of("store", store, "lock_ttl", "1s", "request_timeout", "500ms");
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return "a store in this JVM";
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return Optional.of(EnumSet.allOf(Capability.class));
    }

    @Override
    public Duration expiryStep() {
        return Duration.ofMillis(100);
    }

    @Override
    public boolean sharedByProcesses() {
        return false;
    }

    @Override
    public Link link(Map<String, String> options) {
        return new InMemTestLink("tck-" + UUID.randomUUID(), options);
    }

    @Override
    public Optional<StoreControl> control() {
        InMemStore controlled = InMemStores.named(store);
        return Optional.of(new StoreControl() {
            @Override
            public void pause() {
                controlled.pause();
            }

            @Override
            public void resume() {
                controlled.resume();
            }

            @Override
            public void restart() {
                controlled.restart();
            }
        });
    }

    @Override
    public Map<String, LockRemoval> lockRemovals() {
        InMemStore controlled = InMemStores.named(store);
        return Map.of(
                "its lock deleted", (options, lock) -> controlled.deleteLock(options.get("path"), lock),
                "its session ended", (options, lock) -> controlled.expireHolder(options.get("path"), lock));
    }

    @Override
    public void close() {
        InMemStores.drop(store);
    }

    private static final class InMemTestLink implements Link {
        private final String name;
        private final InMemLink link;
        private final Map<String, String> options;

        InMemTestLink(String name, Map<String, String> options) {
            this.name = name;
            this.link = InMemLinks.named(name);
            Map<String, String> through = new HashMap<>(options);
            through.put("link", name);
            this.options = Map.copyOf(through);
        }

        @Override
        public Map<String, String> options() {
            return options;
        }

        @Override
        public void apply(Fault fault) {
            link.heal();
            switch (fault) {
                case RESET, REFUSE -> link.cut();
                case BLACK_HOLE, UNREACHABLE -> link.blackHole(); // which knows no connections
                case LOSE_REQUESTS -> link.loseRequests();
                case LOSE_REPLIES -> link.loseReplies();
            }
        }

        @Override
        public void delay(Duration each) {
            link.delay(each);
        }

        @Override
        public void lateReplies(double share, Duration most, long seed) {
            link.delaySome(share, most, seed);
        }

        @Override
        public void throttle(long bytesPerSecond) {
            throw new UnverifiedException("an in-memory link moves no bytes");
        }

        @Override
        public void dropNextReply() {
            link.dropNextReply();
        }

        @Override
        public Traffic traffic() {
            return new Traffic(link.requests() + link.renewals(), 0, 0);
        }

        @Override
        public int connections() {
            return 0;
        }

        @Override
        public void heal() {
            link.heal();
        }

        @Override
        public void close() {
            link.heal();
            InMemLinks.drop(name);
        }
    }
}
