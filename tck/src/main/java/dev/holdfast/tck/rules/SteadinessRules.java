package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.Pulse;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;

/** Nobody loses a lease without a reason. */
public final class SteadinessRules {
    private static final int HOLDERS = 20;
    private static final double LATE = 0.01;

    /** One reply in a hundred comes late. */
    @Verifies(value = Rule.LO_07, boundSeconds = 300, parallel = true)
    public void noLeaseIsLostToLateReplies(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Pulse pulse = trial.machine();
        Duration ttl = trial.lockTtl();
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < HOLDERS; i++) {
            Contender holder = Contender.linked(trial, history, "holder-" + i);
            Key lock = key("lock/" + i);
            held.add(holder.win(lock));
            holder.link().lateReplies(LATE, ttl.dividedBy(3), trial.seed() + i);
        }
        long began = System.nanoTime();
        while (System.nanoTime() - began < ttl.multipliedBy(10).toNanos()) {
            for (Held lease : held) {
                if (!lease.isHeld() || lease.isLost()) {
                    judge(pulse, began, System.nanoTime(), lease, ttl);
                }
            }
            Thread.sleep(5);
        }
    }

    private static void judge(Pulse pulse, long began, long now, Held lease, Duration ttl) {
        Duration worst = pulse.worst(now - Math.min(now - began, 2 * ttl.toNanos()), now);
        String what = "a lease was lost while one reply in a hundred came up to "
                + ttl.dividedBy(3).toMillis() + " ms late, with lock_ttl " + ttl.toMillis() + " ms: " + lease;
        if (worst.compareTo(ttl.dividedBy(6)) > 0) {
            throw new UnverifiedException(
                    what + "; but this machine is too busy: what was due was up to " + worst.toMillis() + " ms late");
        }
        Assertions.fail(what);
    }
}
