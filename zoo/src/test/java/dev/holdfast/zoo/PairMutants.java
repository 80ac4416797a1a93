package dev.holdfast.zoo;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Backends that are no good as one half of a pair, or as the other. */
final class PairMutants {
    private PairMutants() {}

    @MadeFor(
            value = Rule.SP_01,
            fault = "Whoever wins a lock says so in an entry beside it.",
            cause = "the advertisement is written through the lock's backend",
            seen = "list of ha_storage while an active serves")
    static final class WinnerLeavesAnEntry extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            put(Entry.of(Key.of("leader"), value.getBytes(StandardCharsets.UTF_8)));
            return lease;
        }
    }

    @MadeFor(
            value = Rule.SP_02,
            fault = "A lease is held until it is released, whatever becomes of the lock.",
            cause = "the host watches the health of `storage` only",
            seen = "the active has lost its lease|the term is over")
    static final class LeaseOutlivesItsStore extends Healthy {
        @Override
        Lease won(Lease lease, HALock lock, String value) {
            return new MadeUp(lease.key(), lease.token(), lease::release);
        }
    }

    @MadeFor(
            value = Rule.SP_03,
            fault = "A store that cannot be reached reads as an empty one.",
            cause = "nothing asks `storage` while no requests come in",
            seen = "the active that cannot reach storage .* gives the lock up")
    static final class OutOfReachIsEmpty extends Healthy {
        @Override
        public Optional<Entry> get(Key key) {
            try {
                return super.get(key);
            } catch (BackendException.Unavailable e) {
                return Optional.empty();
            }
        }

        @Override
        public List<String> list(Prefix prefix, String after, int limit) {
            try {
                return super.list(prefix, after, limit);
            } catch (BackendException.Unavailable e) {
                return List.of();
            }
        }
    }

    @MadeFor(
            value = Rule.SP_05,
            fault = "It says that it locks, although its locks are turned off.",
            cause = "only the Java type is checked, and not `haEnabled()`",
            seen = "an ha_storage whose locks are off")
    static final class LocksAreAlwaysOn extends Healthy {
        @Override
        public boolean haEnabled() {
            return true;
        }
    }

    @MadeFor(
            value = Rule.SP_06,
            fault = "The fence takes no tokens but such as this backend's own locks give.",
            cause = "the fence knows the tokens of its own locks only",
            seen = "ha_storage inmem, SP-0[14]")
    static final class FenceForItsOwnLocks extends Healthy {
        /** Its own tokens are multiples of this. */
        private static final long UNIT = 1L << 20;

        @Override
        Lease won(Lease lease, HALock lock, String value) {
            return new PassedOn(lease) {
                @Override
                public long token() {
                    return inner.token() * UNIT;
                }
            };
        }

        @Override
        Optional<Holder> holder(HALock lock, Key key) {
            return super.holder(lock, key).map(holder -> new Holder(holder.value(), holder.token() * UNIT));
        }

        @Override
        public Backend fence(long token) {
            return token < UNIT ? inner() : super.fence(token);
        }
    }
}
