package dev.holdfast.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Takes turns: each round measures every contestant once, in a new random order, so that whatever the machine does in
 * between it does to all of them.
 */
final class Turns {
    private final Random random;

    Turns(Random random) {
        this.random = random;
    }

    /** What is measured. */
    interface Contestant {
        /** One observation. */
        double observe() throws Exception;
    }

    /** Something whose duration is measured. */
    interface Call {
        void run() throws Exception;
    }

    /** The durations of a call, in nanoseconds. */
    static Contestant timed(Call call) {
        return () -> {
            long begin = System.nanoTime();
            call.run();
            return System.nanoTime() - begin;
        };
    }

    /**
     * One array of observations for each contestant.
     *
     * @param warmUp rounds that do not count
     */
    List<double[]> take(int warmUp, int rounds, List<Contestant> contestants) throws Exception {
        List<double[]> observed = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < contestants.size(); i++) {
            observed.add(new double[rounds]);
            order.add(i);
        }
        for (int round = -warmUp; round < rounds; round++) {
            Collections.shuffle(order, random);
            for (int each : order) {
                double value = contestants.get(each).observe();
                if (round >= 0) {
                    observed.get(each)[round] = value;
                }
            }
        }
        return observed;
    }
}
