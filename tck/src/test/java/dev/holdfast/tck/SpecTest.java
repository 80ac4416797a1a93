package dev.holdfast.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.tck.Rule.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** SPEC.md and {@link Rule} say the same, in both directions. */
class SpecTest {
    private static final Pattern AREA = Pattern.compile("## ([A-Z]+): (.+)");
    private static final Pattern HEAD = Pattern.compile("\\*\\*(.+)\\.\\*\\* ([A-Z]+)\\. Applies to: (.+)\\.");
    private static final Pattern TAIL = Pattern.compile("\\*Why:\\* (.+) \\*Tested:\\* (.+)");
    private static final Pattern ID = Pattern.compile("\\b[A-Z]{1,2}-\\d{2}\\b");

    private static String text = "";
    private static List<Section> sections = List.of();

    /** A rule, in either place. */
    private record Section(String area, String id, String title, String level, String appliesTo, String requirement) {
        static Section of(Rule rule) {
            return new Section(
                    rule.area() + ": " + rule.area().title(),
                    rule.id(),
                    rule.title(),
                    rule.level().name(),
                    rule.appliesTo(),
                    rule.requirement());
        }

        /** The rule under the heading {@code id}; a form that is not understood fails and is never skipped. */
        static Section parse(String area, String id, String body) {
            List<String> bullets = Arrays.stream(body.strip().split("(?m)^- ", -1))
                    .map(bullet -> bullet.strip().replaceAll("\\s+", " "))
                    .toList();
            assertThat(bullets).as("%s: three bullets and nothing else", id).hasSize(4);
            assertThat(bullets.get(0))
                    .as("%s: text before the first bullet", id)
                    .isEmpty();
            Matcher head = HEAD.matcher(bullets.get(1));
            assertThat(head.matches())
                    .as("%s: '%s' is title, level and whom it applies to", id, bullets.get(1))
                    .isTrue();
            assertThat(bullets.get(3)).as("%s: why and how tested", id).matches(TAIL);
            return new Section(area, id, head.group(1), head.group(2), head.group(3), bullets.get(2));
        }

        @Override
        public String toString() {
            return String.join("\n", area, id, title, level, "applies to " + appliesTo, requirement);
        }
    }

    @BeforeAll
    static void readSpec() throws IOException {
        text = Files.readString(Path.of(System.getProperty("basedir", ""), "SPEC.md"));
        List<Section> found = new ArrayList<>();
        String area = "";
        for (String part : text.split("(?m)^(?=##+ )", -1)) {
            String heading = part.lines().findFirst().orElse("");
            Matcher newArea = AREA.matcher(heading);
            if (newArea.matches()) {
                area = newArea.group(1) + ": " + newArea.group(2);
            } else if (heading.startsWith("### ")) {
                found.add(Section.parse(area, heading.substring(4), part.substring(heading.length())));
            }
        }
        sections = List.copyOf(found);
    }

    @Test
    void specAndEnumHaveTheSameRulesInTheSameOrder() {
        assertThat(sections.stream().map(Section::id))
                .as("rules of SPEC.md (actual) and constants of Rule (expected)")
                .containsExactlyElementsOf(
                        Stream.of(Rule.values()).map(Rule::id).toList());
    }

    @ParameterizedTest
    @EnumSource
    void specAndEnumSayTheSame(Rule rule) {
        assertThat(sections.stream().filter(section -> section.id().equals(rule.id())))
                .as("%s in SPEC.md (actual) and in Rule (expected)", rule)
                .containsExactly(Section.of(rule));
    }

    @ParameterizedTest
    @EnumSource
    void requirementUsesTheWordOfItsLevel(Rule rule) {
        List<String> levels = Stream.of(Level.values())
                .map(Level::name)
                .filter(rule.requirement()::contains)
                .toList();

        assertThat(levels)
                .as("levels named in the requirement of %s", rule)
                .containsExactly(rule.level().name());
    }

    @ParameterizedTest
    @EnumSource
    void ruleHasOneToFourHints(Rule rule) {
        assertThat(rule.hints()).as("hints of %s", rule).hasSizeBetween(1, 4).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void ruleIsFoundByItsIdAndByNothingElse(Rule rule) {
        assertThat(Rule.of(rule.id())).isSameAs(rule);
        assertThatThrownBy(() -> Rule.of(rule.name())).hasMessageContaining("did you mean '" + rule.id() + "'?");
    }

    @Test
    void unknownIdIsAnsweredWithTheNearestAndAllKnownOnes() {
        assertThatThrownBy(() -> Rule.of("KV-1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no rule 'KV-1' - did you mean 'KV-01'?")
                .hasMessageContaining("known: H-01, H-02,");
    }

    @Test
    void titlesAreUnique() {
        assertThat(Rule.values()).extracting(Rule::title).doesNotHaveDuplicates();
    }

    @Test
    void anchorIsTheHeadingInTheSpec() {
        assertThat(Rule.KV_01.anchor()).isEqualTo("tck/SPEC.md#kv-01");
    }

    @Test
    void everyRuleThatTheSpecMentionsExists() {
        assertThat(ID.matcher(text).results().map(MatchResult::group).distinct().map(Rule::of))
                .containsExactlyInAnyOrder(Rule.values());
    }
}
