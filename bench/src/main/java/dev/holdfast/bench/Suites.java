package dev.holdfast.bench;

import dev.holdfast.bench.stores.EtcdTarget;
import dev.holdfast.bench.stores.S3Target;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.bench.stores.ZooKeeperTarget;
import java.util.List;

/** What is measured of each backend. */
final class Suites {
    private Suites() {}

    /** @param stores where the store's product and version is added */
    static void run(String type, Bench bench, List<String> stores) throws InterruptedException {
        if (type.equals("inmem")) {
            new InMemSuite(bench).run();
            return;
        }
        // A store that does not start, or not end, takes nothing away from what was measured of others.
        bench.attempt(type, () -> {
            bench.say("starting a store for " + type + " …");
            try (Target target = start(type)) {
                stores.add(target.product());
                new StorageSuite(bench, target).run();
                new LockSuite(bench, target).run();
                new IdleLockSuite(bench, target).run();
                new ListSuite(bench, target).run();
                new CrashSuite(bench, target).run();
                new MemorySuite(bench, target).run();
                if (type.equals("etcd")) {
                    new ServerSuite(bench, target).run();
                }
            }
        });
        if (GrowthSuite.isWanted(bench, type)) {
            // In a store of its own: beside a million keys of the listings nobody would see what a thousand more cost.
            bench.attempt(type + "/growth", () -> {
                bench.say("starting another store for " + type + " …");
                try (Target target = start(type)) {
                    new GrowthSuite(bench, target).run();
                }
            });
        }
    }

    private static Target start(String type) {
        return switch (type) {
            case "etcd" -> new EtcdTarget();
            case "zookeeper" -> new ZooKeeperTarget();
            default -> new S3Target();
        };
    }
}
