package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code sys/mounts} and {@code sys/internal/ui/mounts}: what there is, which never changes. */
final class MountApi {
    private static final String UI = "sys/internal/ui/mounts";

    private MountApi() {}

    static Answer mounts(Call call, Session session) {
        call.only(Verb.READ);
        Token unused = session.authenticate(call);
        ObjectNode envelope = Envelope.of(secretMounts());
        envelope.setAll(secretMounts());
        return Answer.ok(envelope);
    }

    /** Also one mount, {@code sys/mounts/secret}. */
    static Answer mount(Call call, Session session) {
        call.only(Verb.READ);
        Token unused = session.authenticate(call);
        String name = withSlash(call.pathAfter("sys/mounts/"));
        ObjectNode all = secretMounts();
        if (!all.has(name)) {
            throw Refusal.badRequest("No secret engine mount at " + name);
        }
        return Answer.ok(Envelope.of(all.get(name)));
    }

    static Answer internal(Call call, Session session) {
        call.only(Verb.READ);
        Token unused = session.authenticate(call);
        String path = call.pathAfter(UI);
        if (path.isEmpty() || path.equals("/")) {
            ObjectNode data = JsonText.object();
            data.set("auth", JsonText.object().set("token/", describe("token", "token based credentials")));
            data.set("secret", secretMounts());
            return Answer.ok(Envelope.of(data));
        }
        String wanted = withSlash(path.substring(1));
        ObjectNode all = secretMounts();
        String mount = wanted.substring(0, wanted.indexOf('/') + 1);
        if (!all.has(mount)) {
            throw new Refusal(
                    403,
                    "preflight capability check returned 403, please ensure client's policies grant access"
                            + " to path \"" + wanted + "\"");
        }
        ObjectNode data = (ObjectNode) all.get(mount);
        return Answer.ok(Envelope.of(data.put("path", mount)));
    }

    private static String withSlash(String path) {
        return path.endsWith("/") ? path : path + "/";
    }

    private static ObjectNode secretMounts() {
        ObjectNode mounts = JsonText.object();
        ObjectNode kv = describe("kv", "key/value secret storage");
        kv.set("options", JsonText.object().put("version", "1"));
        mounts.set("secret/", kv);
        mounts.set("sys/", describe("system", "system endpoints used for control, policy and debugging"));
        return mounts;
    }

    private static ObjectNode describe(String type, String description) {
        ObjectNode mount = JsonText.object();
        mount.put("type", type);
        mount.put("description", description);
        mount.put("accessor", type + "_1");
        mount.put("uuid", "");
        mount.putObject("config")
                .put("default_lease_ttl", 0)
                .put("max_lease_ttl", 0)
                .put("force_no_cache", false);
        mount.put("local", false);
        mount.put("seal_wrap", false);
        mount.put("external_entropy_access", false);
        mount.putNull("options");
        return mount;
    }
}
