package dev.holdfast.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which build this is. */
public final class Version {
    private static final Properties BUILD = load();

    private Version() {}

    /** Such as {@code 0.1.0-SNAPSHOT}. */
    public static String number() {
        return BUILD.getProperty("version", "unknown");
    }

    /** When it was built, fixed for each commit; ISO 8601. */
    public static String buildDate() {
        return BUILD.getProperty("build_date", "unknown");
    }

    private static Properties load() {
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
