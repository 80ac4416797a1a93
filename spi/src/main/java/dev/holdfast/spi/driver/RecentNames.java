package dev.holdfast.spi.driver;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Names that something was lately found true of, in little memory that does not grow: guesses, for a driver to decide
 * what to ask for first. Any of them may be forgotten at any time, and very rarely one name is taken for another.
 */
public final class RecentNames {
    private final AtomicLongArray prints;

    /** @param capacity how many are remembered at best; a power of two */
    public RecentNames(int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("the capacity must be a power of two, got " + capacity);
        }
        prints = new AtomicLongArray(capacity);
    }

    /** Whether the name was added, and neither removed nor forgotten. */
    public boolean contains(String name) {
        long print = print(name);
        return prints.get(slot(print)) == print;
    }

    /** Remembers a name, for which another one may be forgotten. */
    public void add(String name) {
        long print = print(name);
        if (prints.get(slot(print)) != print) { // or threads that agree would take the line from each other
            prints.set(slot(print), print);
        }
    }

    /** Forgets a name. */
    public void remove(String name) {
        long print = print(name);
        prints.compareAndSet(slot(print), print, 0);
    }

    private int slot(long print) {
        return (int) (print >>> 40) & (prints.length() - 1);
    }

    /** FNV-1a over the characters, mixed once more because the slot is made of its upper half. */
    private static long print(String name) {
        long print = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            print = (print ^ name.charAt(i)) * 0x100000001b3L;
        }
        print ^= print >>> 29;
        return print == 0 ? 1 : print;
    }
}
