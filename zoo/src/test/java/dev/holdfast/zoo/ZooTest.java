package dev.holdfast.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/** The kit catches each mutant, by the rule that it was made for and for the right reason, and nothing that is sound. */
class ZooTest {
    @TestFactory
    Stream<DynamicTest> everyMutantIsCaughtByTheRuleItWasMadeFor() throws InterruptedException, IOException {
        String only = System.getProperty("holdfast.zoo.mutants", "");
        List<Class<?>> mutants = Zoo.mutants().stream()
                .filter(mutant -> mutant.getSimpleName().matches(only.isEmpty() ? ".*" : only))
                .toList();
        assertThat(mutants).isNotEmpty();
        long seed = Long.getLong("holdfast.tck.seed", System.nanoTime());
        List<Sighting> seen = new Zoo(seed).visit(mutants);
        ZooTable table = new ZooTable(seen);
        System.out.println(table.text());
        Files.writeString(Path.of(System.getProperty("basedir", ""), "target", "ZOO.md"), table.markdown());
        return seen.stream()
                .map(each -> DynamicTest.dynamicTest(
                        Zoo.rule(each.mutant()) + " " + each.mutant().getSimpleName(), () -> judge(each, seed)));
    }

    private static void judge(Sighting each, long seed) {
        assertThat(each.problem())
                .as(
                        "%s (again: ./holdfast zoo --mutants %s --seed %d)",
                        each.made().fault(), each.mutant().getSimpleName(), seed)
                .isEmpty();
        if (!each.doubt().isEmpty()) {
            throw new TestAbortedException(each.doubt());
        }
    }

    @Test
    void everyRuleThatCanBeCheckedHereHasAMutant() {
        assertThat(ZooTable.withoutMutant()).isEmpty();
    }
}
