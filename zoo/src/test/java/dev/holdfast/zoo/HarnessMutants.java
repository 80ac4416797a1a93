package dev.holdfast.zoo;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Backends with which no other rule would prove anything. */
final class HarnessMutants {
    private HarnessMutants() {}

    @MadeFor(
            value = Rule.H_01,
            fault = "All instances of one namespace are one client.",
            cause = "`open` returns a cached instance, or two instances share a session, channel or connection",
            seen = "Closed|through the second client")
    static final class OneClientForAll extends Healthy {
        private static final Map<String, Backend> CLIENTS = new ConcurrentHashMap<>();

        @Override
        protected void open(Map<String, String> given) {
            super.open(given);
            use(CLIENTS.computeIfAbsent(place(), place -> client(Map.of())));
        }
    }

    @MadeFor(
            value = Rule.H_02,
            fault = "Locks are kept outside the namespace.",
            cause = "the namespace is applied to entries and forgotten for locks or fences",
            seen = "holder in this namespace")
    static final class LocksOutsideTheNamespace extends Healthy {
        private HABackend root;

        @Override
        protected void open(Map<String, String> given) {
            super.open(given);
            root = (HABackend) client(Map.of("path", ""));
        }

        @Override
        public HALock lock(Key key, String value) {
            return root.lock(key, value);
        }

        @Override
        public void close() {
            root.close();
            super.close();
        }
    }

    @MadeFor(
            value = Rule.H_03,
            fault = "A read that fails is answered with what was last read.",
            cause = "`get` is answered from a cache",
            seen = "get through a link with")
    static final class ReadsFromMemory extends Healthy {
        private final Map<Key, Optional<Entry>> read = new ConcurrentHashMap<>();

        @Override
        public Optional<Entry> get(Key key) {
            try {
                read.put(key, super.get(key));
            } catch (BackendException.Unavailable e) {
                // then what was read before
            }
            return read.getOrDefault(key, Optional.empty());
        }
    }

    @MadeFor(
            value = Rule.H_04,
            fault = "Locks are declared although configuration has turned them off.",
            cause = "capabilities() is fixed per class although configuration or the store takes one away",
            seen = "LOCKS|ha_enabled")
    static final class AlwaysDeclaresLocks extends Healthy {
        @Override
        protected void open(Map<String, String> given) {
            super.open(given);
            use(client(Map.of("ha_enabled", "false")));
        }

        @Override
        public Set<Capability> capabilities() {
            return EnumSet.allOf(Capability.class);
        }
    }
}
