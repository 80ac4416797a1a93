package dev.holdfast.server.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code seal "shamir" {}}, which is what is used anyway, and {@code seal "file" { path = … }}. */
final class AutoUnsealReader {
    private AutoUnsealReader() {}

    static @Nullable Path read(List<Blocks.Block> blocks, Problems problems) {
        if (blocks.size() > 1) {
            problems.add(
                    blocks.get(1).place(),
                    "seal",
                    "is given twice, first at " + blocks.get(0).place());
            return null;
        }
        if (blocks.isEmpty() || blocks.get(0).label().equals("shamir")) {
            return null;
        }
        Blocks.Block block = blocks.get(0);
        if (!block.label().equals("file") || !(block.value() instanceof Syntax.Body body)) {
            problems.add(block.place(), "seal", "only \"shamir\" and \"file\" are known, not '" + block.label() + "'");
            return null;
        }
        Stanza stanza = Stanza.of("seal.file", body, problems);
        String path = stanza.texts().get("path");
        stanza.texts().keySet().stream()
                .filter(key -> !key.equals("path"))
                .forEach(key -> problems.add(
                        stanza.place(key), stanza.name(key), "unknown option '" + key + "' (known: path)"));
        if (path == null || path.isEmpty()) {
            problems.add(block.place(), "seal.file.path", "is required: the file with the key that unseals this node");
            return null;
        }
        return Path.of(path);
    }
}
