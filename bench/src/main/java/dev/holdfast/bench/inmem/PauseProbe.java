package dev.holdfast.bench.inmem;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that fills a store and then reads and writes it. Arguments: {@code ours} or {@code theirs}, and how many keys. Says
 * the longest time that a thread overslept which only sleeps, and how long the longest call took.
 */
public final class PauseProbe {
    private static final int CALLS = 2_000_000;

    private PauseProbe() {}

    private interface Store {
        void put(String key, byte[] value);

        int get(String key);
    }

    /** Says it. */
    public static void main(String[] args) throws Exception {
        int keys = Integer.parseInt(args[1]);
        Store store = args[0].equals("ours") ? ours() : theirs();
        byte[] value = new byte[16];
        long longest = 0;
        Sleeper sleeper = new Sleeper();
        sleeper.start();
        for (int i = 0; i < keys; i++) {
            String key = key(i);
            long begin = System.nanoTime();
            store.put(key, value);
            longest = Math.max(longest, System.nanoTime() - begin);
        }
        Random random = new Random(keys);
        for (int i = 0; i < CALLS; i++) {
            String key = key(random.nextInt(keys));
            long begin = System.nanoTime();
            if (i % 2 == 0) {
                store.put(key, value);
            } else if (store.get(key) != value.length) {
                throw new IllegalStateException("lost " + key);
            }
            longest = Math.max(longest, System.nanoTime() - begin);
        }
        System.out.println("overslept " + sleeper.most);
        System.out.println("longest " + longest);
        Runtime.getRuntime().halt(0);
    }

    private static String key(int number) {
        return "app/" + number % 1_000 + "/" + number;
    }

    private static Store ours() {
        Backend backend = Backends.load().open("inmem", Map.of("store", "pauses"));
        return new Store() {
            @Override
            public void put(String key, byte[] value) {
                backend.put(Entry.of(Key.of(key), value));
            }

            @Override
            public int get(String key) {
                return backend.get(Key.of(key)).orElseThrow().value().length;
            }
        };
    }

    private static Store theirs() {
        ConcurrentSkipListMap<String, byte[]> map = new ConcurrentSkipListMap<>(Prefix.NAME_ORDER);
        return new Store() {
            @Override
            public void put(String key, byte[] value) {
                map.put(key, value.clone());
            }

            @Override
            public int get(String key) {
                byte[] found = map.get(key);
                return found == null ? -1 : found.clone().length;
            }
        };
    }

    /** Tells what stops every thread, the machine included, from what one call takes. */
    private static final class Sleeper extends Thread {
        private static final long NAP = TimeUnit.MILLISECONDS.toNanos(1);

        volatile long most;

        Sleeper() {
            super("holdfast-bench-sleeper");
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                while (true) {
                    long begin = System.nanoTime();
                    TimeUnit.NANOSECONDS.sleep(NAP);
                    most = Math.max(most, System.nanoTime() - begin - NAP);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
