package dev.holdfast.zoo;

import dev.holdfast.backend.inmem.PlainLocks;
import dev.holdfast.tck.Harness;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.RuleArea;
import dev.holdfast.tck.RuleResult;
import dev.holdfast.tck.Runs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.platform.commons.support.ReflectionSupport;

/** All mutants, and the kit run on each with the rule that it was made for. */
final class Zoo {
    private static final int AT_ONCE = 8;

    /** These measure times, threads or logs, which company would spoil. */
    private static boolean alone(Class<?> mutant) {
        Rule rule = rule(mutant);
        boolean sensitive = rule == Rule.HA_01 || rule.area() == RuleArea.LO || rule.area() == RuleArea.LC;
        return sensitive && !Runs.bearsCompany(rule);
    }

    private final Map<String, RuleResult> healthy = new ConcurrentHashMap<>();
    private final long seed;

    Zoo(long seed) {
        this.seed = seed;
    }

    /** Every class here that is marked, in the order of the rules. */
    static List<Class<?>> mutants() {
        return Stream.of(Zoo.class, PlainLocks.class)
                .map(Class::getPackageName)
                .flatMap(
                        where -> ReflectionSupport.findAllClassesInPackage(
                                where, type -> type.isAnnotationPresent(MadeFor.class), name -> true)
                                .stream())
                .sorted(Comparator.comparing((Class<?> type) -> rule(type)).thenComparing(Class::getSimpleName))
                .toList();
    }

    static Rule rule(Class<?> mutant) {
        return mutant.getAnnotation(MadeFor.class).value();
    }

    /** Looks at these mutants, several at a time where that is harmless: they mostly wait. */
    List<Sighting> visit(List<Class<?>> mutants) throws InterruptedException {
        ExecutorService several = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Sighting>> together = new ArrayList<>();
            for (Class<?> mutant : mutants) {
                if (!alone(mutant)) {
                    together.add(several.submit(() -> look(mutant)));
                }
            }
            List<Sighting> seen = new ArrayList<>();
            for (Future<Sighting> each : together) {
                seen.add(each.get());
            }
            for (Class<?> mutant : mutants) {
                if (alone(mutant)) {
                    seen.add(look(mutant));
                }
            }
            seen.sort(Comparator.comparingInt(each -> mutants.indexOf(each.mutant())));
            return seen;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            several.shutdownNow();
        }
    }

    private Sighting look(Class<?> mutant) {
        Rule rule = rule(mutant);
        RuleResult broken = Runs.untilItFails(rule, harness(mutant), seed);
        Class<?> model = mutant.getSuperclass();
        RuleResult sound = healthy.computeIfAbsent(
                rule + " " + model.getName(), name -> Runs.ofOneRule(rule, harness(model), seed));
        return new Sighting(mutant, broken, sound);
    }

    /** A mutant is a backend, or a harness of its own. */
    private static Harness harness(Class<?> type) {
        return Harness.class.isAssignableFrom(type)
                ? (Harness) ReflectionSupport.newInstance(type)
                : new ZooHarness(type.asSubclass(Healthy.class));
    }
}
