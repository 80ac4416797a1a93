package dev.holdfast.backend.zookeeper;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which nodes are probably there, and in which directories new ones are being made: guesses, learnt from answers, that
 * decide what is asked for first. A wrong one costs a request, and what was true may be forgotten at any time.
 */
final class ZooKeeperPresence {
    private final AtomicLongArray nodes = new AtomicLongArray(1 << 15);
    private final AtomicLongArray growing = new AtomicLongArray(1 << 8);

    /** Whether a node was seen, and not seen to go. */
    boolean has(String node) {
        return contains(nodes, node);
    }

    /** Whether a node that was not seen yet is probably a new one. */
    boolean isNew(String node) {
        return !has(node) && contains(growing, parent(node));
    }

    /** A node was read. */
    void seen(String node) {
        set(nodes, node, false);
    }

    /** A node was there and was changed; if that is news, there may be more of the kind around it. */
    void changed(String node) {
        if (!has(node)) {
            set(nodes, node, false);
            set(growing, parent(node), true);
        }
    }

    /** A node was made. */
    void made(String node) {
        set(nodes, node, false);
        set(growing, parent(node), false);
    }

    /** A node is not there, or no longer. */
    void gone(String node) {
        set(nodes, node, true);
    }

    private static String parent(String node) {
        return node.substring(0, node.lastIndexOf('/'));
    }

    private static boolean contains(AtomicLongArray table, String text) {
        long print = print(text);
        return table.get(slot(table, print)) == print;
    }

    private static void set(AtomicLongArray table, String text, boolean clear) {
        long print = print(text);
        int slot = slot(table, print);
        if (clear) {
            table.compareAndSet(slot, print, 0);
        } else {
            table.set(slot, print);
        }
    }

    private static int slot(AtomicLongArray table, long print) {
        return (int) (print >>> 40) & (table.length() - 1);
    }

    /** Two texts with the same one are taken for each other, which is as harmless as it is rare. */
    private static long print(String text) {
        long print = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            print = (print ^ text.charAt(i)) * 0x100000001b3L;
        }
        print ^= print >>> 29;
        return print == 0 ? 1 : print;
    }
}
