package dev.holdfast.tck;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.tck.report.ReportFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.TestAbortedException;

/**
 * The conformance kit as a JUnit 5 test: one test per rule. Extend it and say how your store is reached:
 *
 * <pre>{@code
 * class MyConformanceTest extends BackendConformance {
 *     @Override
 *     protected Harness harness() {
 *         return new MyHarness();
 *     }
 * }
 * }</pre>
 *
 * <p>A failed rule is a failed test. A rule that is ABSENT or UNVERIFIED is an aborted test with the reason, never a
 * green one; and a run in which no rule passed is a failure. A line is printed as each rule ends. The seed is printed with the summary; set the system
 * property {@code holdfast.tck.seed} to use one again, {@code holdfast.tck.rules} to run only some. The report with the
 * timelines of the locks, by {@link Harness#name()}, is {@code target/holdfast-tck/NAME/report.html}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BackendConformance {
    private final List<RuleResult> results = new ArrayList<>();
    private Kit kit;
    private Console console;
    private long start;

    /** Called by JUnit. */
    @SuppressWarnings("NullAway.Init") // JUnit calls startKit() before anything that uses the kit or its console
    protected BackendConformance() {}

    /** How the store is reached; started and closed by the kit. */
    protected abstract Harness harness();

    /** Only these rules or areas, such as {@code LO-02,LS}; empty for all, as is usual. */
    protected String rulesToCheck() {
        return "";
    }

    /**
     * Whether to make only those checks that need a store of several servers, of the rules that have some; for a store of
     * one server that is checked in full elsewhere.
     */
    protected boolean clusterChecksOnly() {
        return false;
    }

    @BeforeAll
    final void startKit() {
        start = System.nanoTime();
        Harness harness = harness();
        console = Console.amongOthers(harness.name());
        kit = new Kit(harness, Long.getLong("holdfast.tck.seed", System.nanoTime()), this::isWanted);
    }

    /** One container per area, one test per rule. */
    @TestFactory
    final Stream<DynamicNode> rules() {
        List<Rule> rules = RuleFilter.parse(System.getProperty("holdfast.tck.rules", rulesToCheck())).stream()
                .filter(rule -> !clusterChecksOnly() || Check.of(rule).stream().anyMatch(Check::cluster))
                .toList();
        kit.plan(rules);
        return Arrays.stream(RuleArea.values())
                .filter(area -> rules.stream().anyMatch(rule -> rule.area() == area))
                .map(area -> DynamicContainer.dynamicContainer(
                        area.title(),
                        rules.stream()
                                .filter(rule -> rule.area() == area)
                                .map(rule -> DynamicTest.dynamicTest(rule + " " + rule.title(), () -> check(rule)))));
    }

    private boolean isWanted(Check check) {
        return check.cluster() || !clusterChecksOnly();
    }

    private void check(Rule rule) {
        RuleResult result = kit.run(rule, console);
        results.add(result);
        switch (result.outcome()) {
            case PASS -> {}
            case FAIL -> fail("\n" + result.detail());
            case ABSENT, UNVERIFIED -> throw new TestAbortedException(result.outcome() + ": " + result.detail());
        }
    }

    @AfterAll
    final void summary() {
        Report report = kit.report(results, Duration.ofNanos(System.nanoTime() - start));
        kit.close();
        console.close();
        System.out.println(Summary.table(report));
        System.out.println(
                ReportFiles.in(ReportFiles.usual(kit.harness().name())).write(report));
        if (report.count(Outcome.PASS) + report.count(Outcome.FAIL) == 0) {
            fail("no rule was checked");
        }
    }
}
