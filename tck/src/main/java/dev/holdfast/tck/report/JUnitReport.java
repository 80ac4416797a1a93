package dev.holdfast.tck.report;

import dev.holdfast.tck.Outcome;
import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A run as JUnit XML: FAIL is a failure; ABSENT and UNVERIFIED are skipped, with the reason. */
final class JUnitReport {
    private final JsonReport report;
    private final XMLStreamWriter xml;

    private JUnitReport(JsonReport report, XMLStreamWriter xml) {
        this.report = report;
        this.xml = xml;
    }

    static String text(JsonReport report) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            new JUnitReport(report, xml).write();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("JUnit XML could not be written", e);
        }
        return text.toString();
    }

    private static long count(JsonReport report, Outcome outcome) {
        return report.counts().getOrDefault(outcome, 0L);
    }

    private void write() throws XMLStreamException {
        long failed = count(report, Outcome.FAIL);
        boolean checked = count(report, Outcome.PASS) + failed > 0;
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeCharacters("\n");
        xml.writeStartElement("testsuite");
        attribute("name", "holdfast-tck-" + report.type());
        attribute("tests", String.valueOf(report.rules().size() + (checked ? 0 : 1)));
        attribute("failures", String.valueOf(failed + (checked ? 0 : 1)));
        attribute("errors", "0");
        attribute("skipped", String.valueOf(count(report, Outcome.ABSENT) + count(report, Outcome.UNVERIFIED)));
        attribute("time", seconds(report.millis()));
        attribute("timestamp", report.date());
        properties();
        for (JsonReport.RuleEntry rule : report.rules()) {
            rule(rule);
        }
        if (!checked) {
            noRuleWasChecked();
        }
        xml.writeEndElement();
        xml.writeCharacters("\n");
        xml.writeEndDocument();
    }

    private void properties() throws XMLStreamException {
        xml.writeStartElement("properties");
        property("backend", report.backend());
        property("store", report.store());
        property("capabilities", String.join(" ", report.capabilities()));
        property("seed", report.seed());
        property("java", report.java());
        property("kit", report.kit());
        property("conformance", report.conformance().sentence());
        xml.writeEndElement();
    }

    private void property(String name, String value) throws XMLStreamException {
        xml.writeEmptyElement("property");
        attribute("name", name);
        attribute("value", value);
    }

    private void rule(JsonReport.RuleEntry rule) throws XMLStreamException {
        start(rule.area(), rule.id() + " " + rule.title(), rule.millis());
        switch (rule.outcome()) {
            case PASS -> {}
            case FAIL -> failure(firstLineObserved(rule), rule.detail());
            case ABSENT, UNVERIFIED -> {
                xml.writeEmptyElement("skipped");
                attribute("message", rule.outcome() + ": " + rule.detail());
            }
        }
        xml.writeEndElement();
    }

    private static String firstLineObserved(JsonReport.RuleEntry rule) {
        return rule.checks().stream()
                .filter(check -> check.outcome() == Outcome.FAIL)
                .flatMap(check -> check.detail().lines())
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse(rule.title());
    }

    /** Otherwise a run that tested nothing would look like one in which all is well. */
    private void noRuleWasChecked() throws XMLStreamException {
        start("run", "rules were checked", report.millis());
        failure(report.conformance().sentence(), "");
        xml.writeEndElement();
    }

    private void start(String part, String name, long millis) throws XMLStreamException {
        xml.writeCharacters("\n");
        xml.writeStartElement("testcase");
        attribute("classname", "holdfast-tck." + report.type() + "." + part);
        attribute("name", name);
        attribute("time", seconds(millis));
    }

    private void failure(String message, String text) throws XMLStreamException {
        xml.writeStartElement("failure");
        attribute("type", "FAIL");
        attribute("message", message);
        xml.writeCharacters(legal(text));
        xml.writeEndElement();
    }

    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, legal(value));
    }

    /** XML has no way to write most control characters, and messages hold whatever a store says. */
    private static String legal(String text) {
        StringBuilder legal = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || (c >= 0x20 && c <= 0xD7FF)
                                || (c >= 0xE000 && c <= 0xFFFD)
                                || c > 0xFFFF
                        ? c
                        : 0xFFFD)
                .forEach(legal::appendCodePoint);
        return legal.toString();
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.3f", millis / 1e3);
    }
}
