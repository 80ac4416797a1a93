package dev.holdfast.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** So many threads that call the same thing again and again, for as long as a window is open. */
final class Crowd implements AutoCloseable {
    /** More than this of one thread in one window says nothing new about how long calls take. */
    private static final int MOST_SAMPLES = 2_000;

    private final int size;
    private final ExecutorService threads;

    Crowd(int size) {
        this.size = size;
        this.threads = Executors.newFixedThreadPool(size, task -> {
            Thread thread = new Thread(task, "holdfast-bench-crowd");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** What each thread calls. */
    interface Work {
        /**
         * Calls it once.
         *
         * @param number counts the calls of a thread; each thread starts elsewhere
         */
        void call(int number) throws Exception;
    }

    /**
     * What happened in a window.
     *
     * @param durations of calls, in nanoseconds
     */
    record Window(double perSecond, List<Double> durations) {}

    /** Opens a window for so long. */
    Window open(double seconds, Work work) throws Exception {
        CountDownLatch ready = new CountDownLatch(size);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<double[]>> running = new ArrayList<>();
        long[] calls = new long[size];
        long[] ended = new long[size];
        long nanos = (long) (seconds * 1e9);
        for (int thread = 0; thread < size; thread++) {
            int me = thread;
            running.add(threads.submit(() -> {
                double[] took = new double[MOST_SAMPLES];
                ready.countDown();
                go.await();
                long begin = System.nanoTime();
                long before = begin;
                int done = 0;
                while (before - begin < nanos) {
                    work.call(me * 7_919 + done);
                    long now = System.nanoTime();
                    took[done % MOST_SAMPLES] = now - before;
                    done++;
                    before = now;
                }
                calls[me] = done;
                ended[me] = before - begin;
                return Arrays.copyOf(took, Math.min(done, MOST_SAMPLES));
            }));
        }
        ready.await();
        go.countDown();
        List<double[]> durations = new ArrayList<>();
        for (Future<double[]> each : running) {
            durations.add(each.get());
        }
        double rate = 0;
        for (int i = 0; i < size; i++) {
            rate += calls[i] / (ended[i] / 1e9);
        }
        return new Window(
                rate, durations.stream().flatMapToDouble(Arrays::stream).boxed().toList());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
