package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Term;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.tck.PlainStorage;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What lies where, and what a lock must be able to do. */
public final class SplitPlaceRules {
    /** Two nodes serve, one after the other; then plain clients look into both stores. */
    @Verifies(value = Rule.SP_01, parallel = true)
    public void dataIsInStorageAndTheLockInHaStorage(Trial trial) throws Exception {
        dataHereLockThere(SplitPair.usual(trial, ""));
    }

    /** The same, with storage seen as one that cannot fence. */
    @Verifies(value = Rule.SP_01, parallel = true)
    public void aBoundedPairKeepsThemApartToo(Trial trial) throws Exception {
        dataHereLockThere(SplitPair.usual(trial, ""), true);
    }

    static void dataHereLockThere(SplitPair pair) throws Exception {
        dataHereLockThere(pair, false);
    }

    private static void dataHereLockThere(SplitPair pair, boolean plain) throws Exception {
        SplitNode a = pair.node("a", plain);
        Term first = a.active(pair.setUp());
        a.write(first, "secret/a", "of a");
        a.write(first, "both", "of a");
        SplitNode b = pair.node("b", plain);
        a.stepDown();
        Term second = b.active(pair.handOver());
        b.write(second, "secret/b", "of b");
        b.write(second, "both", "of b");

        Backend data = pair.storage().witness();
        HABackend locks = pair.lockWitness();
        assertThat(get(data, "secret/a"))
                .as("what the first active wrote, in storage")
                .contains("of a");
        assertThat(get(data, "secret/b"))
                .as("what the second active wrote, in storage")
                .contains("of b");
        assertThat(get(data, "both"))
                .as("what the second active wrote over, in storage")
                .contains("of b");
        assertThat(locks.list(Prefix.ROOT))
                .as("list of ha_storage while an active serves")
                .isEmpty();
        assertThat(locks.lock(SplitNode.LOCK, "witness").holder())
                .as("the holder of the lock in ha_storage")
                .contains(new Holder("b", second.lease().token()));
        if (data.capabilities().contains(Capability.LOCKS)) {
            HABackend wrong = (HABackend) data;
            assertThat(wrong.lock(SplitNode.LOCK, "witness").holder())
                    .as("the holder of the lock of the same name in storage")
                    .isEmpty();
            assertThat(wrong.lock(SplitNode.LOCK, "witness").tryAcquire(Duration.ZERO))
                    .as("an attempt at that lock in storage")
                    .isPresent();
        }
        if (pair.fences() && !plain) {
            fenceStandsInStorage((FencingBackend) data, locks, second.lease().token());
        }
        b.close();
        assertThat(locks.list(Prefix.ROOT))
                .as("list of ha_storage after both have served")
                .isEmpty();
    }

    private static void fenceStandsInStorage(FencingBackend data, HABackend locks, long token) {
        assertThat(Thrown.by(() -> data.fence(token - 1)))
                .as("raising the fence of storage to %d while the active's token is %d", token - 1, token)
                .isInstanceOf(BackendException.Fenced.class);
        assertThat(catchThrowable(() -> data.fence(token)))
                .as("raising the fence of storage to the active's token")
                .isNull();
        if (locks.capabilities().contains(Capability.FENCING)) {
            assertThat(catchThrowable(() -> ((FencingBackend) locks).fence(1)))
                    .as("raising the fence of ha_storage to 1, which fails when one was raised there")
                    .isNull();
        }
    }

    /** No locks at all, and locks turned off, are two errors; both come before anything is written. */
    @Verifies(value = Rule.SP_05, parallel = true)
    public void anHaStorageThatCannotLockIsRefused(Trial trial) {
        refusesWithoutLocks(SplitPair.usual(trial, ""));
    }

    static void refusesWithoutLocks(SplitPair pair) {
        Backend data = pair.storage().witness();
        put(data, "there/before", "kept");
        List<String> messages = new ArrayList<>();
        Backend incapable = new PlainStorage(pair.locks().witness());
        messages.add(refusal(
                "an ha_storage without locks",
                pair,
                () -> HAStorage.of(data).haStorage(incapable).build()));
        if (pair.locks().hasOption("ha_enabled")) {
            Map<String, String> off = Map.of("ha_enabled", "false");
            Backend disabled = pair.locks().witness(off);
            messages.add(refusal(
                    "an ha_storage whose locks are off",
                    pair,
                    () -> HAStorage.of(data).haStorage(disabled).build()));
            Map<String, String> options = new HashMap<>(pair.locks().options());
            options.putAll(off);
            String opened = refusal(
                    "opening a pair whose ha_storage has its locks off",
                    pair,
                    () -> HAStorage.open(
                            Backends.load(),
                            pair.storage().type(),
                            pair.storage().options(),
                            pair.locks().type(),
                            options));
            assertThat(messages.get(1)).contains("haEnabled() is false");
            assertThat(messages.get(1)).as("it says why").contains("ha_enabled");
            assertThat(opened).contains("haEnabled() is false");
        }
        assertThat(messages).as("messages of the two cases").doesNotHaveDuplicates();
        assertThat(data.list(Prefix.ROOT)).as("storage after the refusals").containsExactly("there/");
        HABackend locks = pair.lockWitness();
        assertThat(locks.list(Prefix.ROOT)).as("ha_storage after the refusals").isEmpty();
        assertThat(SplitStore.isFree(locks, SplitNode.LOCK))
                .as("the lock is free")
                .isTrue();
    }

    private static String refusal(String what, SplitPair pair, Supplier<HAStorage> attempt) {
        Throwable thrown = Thrown.by(attempt::get);
        assertThat(thrown).as(what).isInstanceOf(ConfigException.class);
        String message = Optional.ofNullable(thrown.getMessage()).orElse("");
        assertThat(message)
                .as("the error for %s", what)
                .contains("ha_storage", pair.locks().type());
        return message;
    }
}
