package dev.holdfast.tck;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./holdfast tck pairs}: the rules for split storage with every pair of stores, {@code docs/PAIRS.md}. */
@Command(
        name = "pairs",
        mixinStandardHelpOptions = true,
        description = "Checks SP-01 to SP-05 with every pair of stores, each store brought up once.")
final class PairsCommand implements Callable<Integer> {
    /** The backends of this project. */
    static final List<String> TYPES = List.of("inmem", "etcd", "zookeeper", "s3");

    @Parameters(
            paramLabel = "STORAGE+HA_STORAGE",
            description = "Only these pairs, such as s3+etcd; all pairs of inmem, etcd, zookeeper and s3 without any.")
    private List<String> pairs = new ArrayList<>();

    @Option(names = "--seed", paramLabel = "N", description = "Makes the random parts come out as in an earlier run.")
    private @Nullable Long seed;

    @Option(names = "--out", paramLabel = "FILE", description = "Where the page goes; standard output without it.")
    private Path out = Path.of("");

    private final Map<String, Harness> stores = new LinkedHashMap<>();

    @Override
    public Integer call() {
        List<PairReport> reports = new ArrayList<>();
        long first = seed == null ? System.nanoTime() : seed;
        try {
            for (String pair : pairs.isEmpty() ? all() : pairs) {
                String[] types = pair.split("\\+", -1);
                if (types.length != 2) {
                    return Main.refuse("'" + pair + "' is no pair; write STORAGE+HA_STORAGE, such as s3+etcd");
                }
                reports.add(check(new PairHarness(store(types[0]), store(types[1]), false), first + reports.size()));
            }
            return write(PairReport.page(reports), reports);
        } catch (IllegalArgumentException | UnverifiedException | BackendException | StoreException e) {
            return Main.refuse(e.getMessage());
        } finally {
            stores.values().forEach(Harness::close);
        }
    }

    private static List<String> all() {
        return TYPES.stream()
                .flatMap(storage -> TYPES.stream().map(locks -> storage + "+" + locks))
                .toList();
    }

    private Harness store(String type) {
        Harness known = stores.get(type);
        if (known != null) {
            return known;
        }
        Harness started = Main.own(type);
        started.start();
        stores.put(type, started);
        return started;
    }

    private static PairReport check(PairHarness pair, long seed) {
        System.out.println("storage " + pair.storage().type() + ", ha_storage "
                + pair.locks().type());
        try (Console console = Console.ofTerminal();
                Kit kit = console.open(pair, seed)) {
            return new PairReport(
                    pair, PairReport.protection(Backends.load(), pair), kit.run(PairHarness.RULES, console));
        }
    }

    private int write(String page, List<PairReport> reports) {
        try {
            if (out.toString().isEmpty()) {
                System.out.print(page);
            } else {
                Path unused = Files.writeString(out, page);
            }
        } catch (IOException e) {
            return Main.refuse("cannot write " + out + ": " + e.getMessage());
        }
        boolean good = reports.stream().allMatch(PairReport::passed);
        return good ? 0 : 1;
    }
}
