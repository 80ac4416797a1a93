package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What the kit says of a backend that can do little, and of one that is wrong. */
class KitTest {
    private static RuleResult result(Rule rule, String fault) {
        try (Kit kit = new Kit(new OptionsHarness("fake", Map.of("fault", fault)), 42)) {
            return kit.run(rule, new Kit.Listener() {});
        }
    }

    @Test
    void aKeptRulePasses() {
        assertThat(result(Rule.KV_03, "").outcome()).isEqualTo(Outcome.PASS);
        assertThat(result(Rule.LS_01, "").outcome()).isEqualTo(Outcome.PASS);
    }

    @Test
    void aBrokenRuleFailsWithAllThatIsNeededToFindTheFault() {
        RuleResult result = result(Rule.KV_03, "empty value reads as absent");
        assertThat(result.outcome()).isEqualTo(Outcome.FAIL);
        assertThat(result.detail())
                .contains("KV-03 Bytes are exact")
                .contains("an empty value is a value")
                .contains("valuesComeBackByteForByte")
                .contains("a value of 0 bytes")
                .contains("seed:      42")
                .contains("./holdfast tck fake -o fault='empty value reads as absent' --rules KV-03 --seed 42")
                .contains("an empty value reads as absent (null, zero length, missing body)")
                .contains("tck/SPEC.md#kv-03");
    }

    @Test
    void anUndeclaredCapabilityIsAbsentWhenItIsRefused() {
        RuleResult result = result(Rule.FN_04, "");
        assertThat(result.outcome()).isEqualTo(Outcome.ABSENT);
        assertThat(result.detail()).isEqualTo("FENCING is not declared");
        assertThat(result(Rule.KV_08, "").outcome()).isEqualTo(Outcome.ABSENT);
    }

    @Test
    void anUndeclaredCapabilityThatIsNotRefusedIsAFailure() {
        RuleResult result = result(Rule.FN_04, "fences");
        assertThat(result.outcome()).isEqualTo(Outcome.FAIL);
        assertThat(result.detail()).contains("FENCING is not declared, yet fence was not refused");
    }

    @Test
    void aStoreThatStopsAnsweringEndsARuleAndNotTheRun() {
        Set<String> fails = ConcurrentHashMap.newKeySet();
        Harness harness = new Harness() {
            @Override
            public String type() {
                return "fake";
            }

            @Override
            public Map<String, String> options() {
                return fails.isEmpty() ? Map.of() : Map.of("fault", "unreachable");
            }
        };
        try (Kit kit = new Kit(harness, 42)) {
            fails.add("from now on");
            RuleResult absent = kit.run(Rule.FN_04, new Kit.Listener() {});
            assertThat(absent.outcome()).isEqualTo(Outcome.FAIL);
            assertThat(absent.detail()).contains("refusal of FENCING").contains("connection refused");
        }
    }

    @Test
    void onlyTheChecksThatAreWantedAreMade() {
        try (Kit kit = new Kit(new OptionsHarness("fake", Map.of()), 42, Check::cluster)) {
            RuleResult result = kit.run(Rule.KV_02, new Kit.Listener() {});
            assertThat(result.detail()).contains("nothing to check", "fewer than three servers");
            assertThat(result.checks())
                    .extracting(CheckResult::name)
                    .contains("aReaderAtAnIsolatedServerIsNotLate")
                    .doesNotContain("acknowledgedWritesAreSeenByEveryClient");
        }
    }

    @Test
    void whatTheHarnessCannotDoIsUnverifiedAndNeverGreen() {
        RuleResult cut = result(Rule.H_03, "");
        assertThat(cut.outcome()).isEqualTo(Outcome.UNVERIFIED);
        assertThat(cut.detail()).contains("no link can be cut");
    }

    @Test
    void aRuleWithoutACheckIsUnverified() {
        for (Rule rule : Rule.values()) {
            if (Check.of(rule).isEmpty() && rule.requires().isEmpty()) {
                RuleResult result = result(rule, "");
                assertThat(result.outcome()).as(rule.id()).isEqualTo(Outcome.UNVERIFIED);
                assertThat(result.detail()).as(rule.id()).contains("no check for this rule yet");
            }
        }
    }

    @Test
    void everyCheckHasItsRuleInAClassThatIsRun() {
        assertThat(java.util.Arrays.stream(Rule.values())
                        .mapToInt(rule -> Check.of(rule).size())
                        .sum())
                .isGreaterThan(40);
    }

    @Test
    void onlyUnverifiedRulesAreNoPass() {
        try (Kit kit = new Kit(new OptionsHarness("fake", Map.of()), 1)) {
            Report report = kit.run(List.of(Rule.H_03), new Kit.Listener() {});
            assertThat(report.passed()).isFalse();
            assertThat(Summary.table(report)).contains("no rule was checked").contains("not verified");
        }
    }
}
