package dev.holdfast.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tck.Outcome;
import dev.holdfast.tck.Report;
import dev.holdfast.tck.Rule;
import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** What build servers read. */
class JUnitReportTest {
    private static Element suite(Report report) throws Exception {
        String xml = JUnitReport.text(JsonReport.of(report));
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(xml)))
                .getDocumentElement();
    }

    private static Element only(Element parent, String name) {
        assertThat(parent.getElementsByTagName(name).getLength()).as(name).isOne();
        return (Element) parent.getElementsByTagName(name).item(0);
    }

    private static Element test(Element suite, String name) {
        for (int i = 0; i < suite.getElementsByTagName("testcase").getLength(); i++) {
            Element test = (Element) suite.getElementsByTagName("testcase").item(i);
            if (test.getAttribute("name").startsWith(name)) {
                return test;
            }
        }
        throw new AssertionError("no test case " + name);
    }

    @Test
    void countsAsBuildServersDo() throws Exception {
        Element suite = suite(Samples.failing());
        assertThat(suite.getAttribute("name")).isEqualTo("holdfast-tck-sample");
        assertThat(suite.getAttribute("tests")).isEqualTo(String.valueOf(Rule.values().length));
        assertThat(suite.getAttribute("failures")).isEqualTo("2");
        assertThat(suite.getAttribute("skipped")).isEqualTo("3");
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(2);
        assertThat(suite.getElementsByTagName("skipped").getLength()).isEqualTo(3);
    }

    @Test
    void aFailedRuleIsAFailureWithItsText() throws Exception {
        Element test = test(suite(Samples.failing()), "HA-01");
        assertThat(test.getAttribute("classname")).isEqualTo("holdfast-tck.sample.HA");
        assertThat(test.getAttribute("time")).isEqualTo("2.468");
        Element failure = only(test, "failure");
        assertThat(failure.getAttribute("message")).startsWith("two contenders held lock 'core/lock' at once");
        assertThat(failure.getTextContent())
                .contains("HA-01 At most one holder")
                .contains("token 44");
    }

    @Test
    void whatWasNotCheckedIsSkippedWithTheReason() throws Exception {
        Element suite = suite(Samples.failing());
        assertThat(only(test(suite, "KV-08"), "skipped").getAttribute("message"))
                .isEqualTo("ABSENT: TRANSACTIONS is not declared");
        assertThat(only(test(suite, "LO-04"), "skipped").getAttribute("message"))
                .isEqualTo("UNVERIFIED: the store lives in one process, so no holder can be forked");
    }

    @Test
    void whateverAStoreSaysIsLegalXml() throws Exception {
        String text = test(suite(Samples.failing()), "LO-02").getTextContent();
        assertThat(text)
                .contains("</script><script>document.title='broken'</script>{{json}} ]]> $1 \uFFFD \uFFFD & \"'");
    }

    @Test
    void aRunThatCheckedNothingIsNotGreen() throws Exception {
        Element suite = suite(Samples.report(List.of(Samples.rule(Rule.KV_01, Outcome.UNVERIFIED, "cannot"))));
        assertThat(suite.getAttribute("tests")).isEqualTo("2");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(only(suite, "failure").getAttribute("message")).isEqualTo("No rule was checked.");
    }
}
