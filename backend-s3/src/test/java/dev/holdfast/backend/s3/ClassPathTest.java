package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The drivers of all backends together, as a host has them: etcd's is built on Netty 4.2, ZooKeeper's and the AWS SDK's
 * came with Netty 4.1, and two of them on one class path are a matter of luck.
 */
class ClassPathTest {
    private static final Pattern NETTY =
            Pattern.compile("netty-(?!tcnative)[a-z0-9-]+?-(\\d[\\w.]*?)(-[a-z].*)?\\.jar");

    private static List<File> jars() {
        List<File> jars = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (part.endsWith(".jar")) {
                jars.add(new File(part));
            }
        }
        assertThat(jars).as("jars on the class path").hasSizeGreaterThan(50);
        return jars;
    }

    @Test
    void nettyIsThereInOneVersion() {
        Set<String> versions = new TreeSet<>();
        for (File jar : jars()) {
            Matcher name = NETTY.matcher(jar.getName());
            if (name.matches()) {
                versions.add(name.group(1));
            }
        }
        assertThat(versions).hasSize(1).allMatch(version -> version.startsWith("4.2."));
    }

    @Test
    void noClassIsThereTwice() throws IOException {
        Map<String, Set<String>> places = new TreeMap<>();
        for (File file : jars()) {
            try (JarFile jar = new JarFile(file)) {
                jar.stream()
                        .filter(entry -> entry.getName().endsWith(".class")
                                && !entry.getName().startsWith("META-INF/")
                                && !entry.getName().endsWith("module-info.class")
                                && !entry.getName().endsWith("package-info.class"))
                        .forEach(entry -> places.computeIfAbsent(entry.getName(), name -> new TreeSet<>())
                                .add(file.getName()));
            }
        }
        Set<Set<String>> twice = new LinkedHashSet<>();
        places.values().stream().filter(jars -> jars.size() > 1).forEach(twice::add);
        assertThat(twice).as("jars with classes of the same name").isEmpty();
    }
}
