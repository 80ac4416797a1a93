package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.tck.Trial;
import dev.holdfast.tck.contender.ContenderEvent;
import dev.holdfast.tck.contender.ContenderProcess;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

/** A holder that dies: the store hears a connection break, and then nothing more. */
final class Victim {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final String lock;
    private final Callable<Long> win;
    private final Callable<?> kill;
    private long token;

    private Victim(String lock, Callable<Long> win, Callable<?> kill) {
        this.lock = lock;
        this.win = win;
        this.kill = kill;
    }

    private static String lockOf(int number) {
        return "lock/" + number;
    }

    /** A process, which is killed. */
    static Victim process(Trial trial, int number) {
        String lock = lockOf(number);
        ContenderProcess process = ProcessRules.fork(trial, "victim-" + number, lock, Map.of());
        return new Victim(
                lock,
                () -> {
                    ContenderEvent won = process.ready().ask("acquire", "won", SOON);
                    return won.number();
                },
                () -> {
                    process.kill();
                    return null;
                });
    }

    /** A client of a store that lives in this process: all that the store can see of its death. */
    static Victim cutOff(Trial trial, int number) {
        String lock = lockOf(number);
        Contender contender = Contender.linked(trial, new LockHistory(), "victim-" + number);
        return new Victim(lock, () -> contender.win(key(lock)).token(), () -> {
            contender.link().apply(Fault.REFUSE);
            return null;
        });
    }

    String lock() {
        return lock;
    }

    long token() {
        return token;
    }

    void win() throws Exception {
        token = win.call();
    }

    void kill() throws Exception {
        var unused = kill.call();
    }
}
