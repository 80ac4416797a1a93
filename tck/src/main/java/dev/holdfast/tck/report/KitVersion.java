package dev.holdfast.tck.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of the kit, as Maven wrote it into the jar. */
public final class KitVersion {
    private static final String POM = "/META-INF/maven/dev.holdfast/holdfast-tck/pom.properties";

    private KitVersion() {}

    /** "development" where the kit runs from class folders. */
    public static String text() {
        Properties properties = new Properties();
        try (InputStream in = KitVersion.class.getResourceAsStream(POM)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "development");
    }
}
