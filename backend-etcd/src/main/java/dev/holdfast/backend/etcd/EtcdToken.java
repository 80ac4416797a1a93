package dev.holdfast.backend.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The token that etcd gave for a name and a password, fetched with the first call and again when etcd refuses it. */
final class EtcdToken {
    private static final Metadata.Key<String> HEADER = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final EtcdOptions.Login login;
    private final Function<AuthenticateRequest, CompletableFuture<AuthenticateResponse>> authenticate;
    private final AtomicReference<@Nullable CompletableFuture<Metadata>> current = new AtomicReference<>();

    /** @param authenticate the call to {@link AuthGrpc#getAuthenticateMethod()}, without credentials */
    EtcdToken(
            EtcdOptions.Login login,
            Function<AuthenticateRequest, CompletableFuture<AuthenticateResponse>> authenticate) {
        this.login = login;
        this.authenticate = authenticate;
    }

    /** For one call, so that it is known later which token that call has shown. */
    Use use() {
        return new Use();
    }

    /** The credentials of one call. */
    final class Use extends CallCredentials {
        private volatile @Nullable CompletableFuture<Metadata> shown;

        private Use() {}

        /** Etcd refused the token of this call; the next call fetches another, unless one has already. */
        void refused() {
            forget(shown);
        }

        @Override
        public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
            CompletableFuture<Metadata> token = token();
            shown = token;
            EtcdCall.whenDone(token, (headers, failure) -> {
                if (failure == null) {
                    applier.apply(headers);
                } else {
                    // gRPC lets credentials fail with few codes only, and would hide the others.
                    Status.Code code =
                            EtcdErrors.isDenied(failure) ? Status.Code.UNAUTHENTICATED : Status.Code.UNAVAILABLE;
                    applier.fail(code.toStatus()
                            .withDescription(Status.fromThrowable(failure).getDescription()));
                }
            });
        }
    }

    private void forget(@Nullable CompletableFuture<Metadata> token) {
        if (token != null) {
            current.compareAndSet(token, null);
        }
    }

    private CompletableFuture<Metadata> token() {
        CompletableFuture<Metadata> known = current.get();
        if (known != null) {
            return known;
        }
        CompletableFuture<Metadata> fetched = new CompletableFuture<>();
        if (!current.compareAndSet(null, fetched)) {
            return token();
        }
        AuthenticateRequest request = AuthenticateRequest.newBuilder()
                .setName(login.username())
                .setPasswordBytes(ByteString.copyFromUtf8(login.password().reveal()))
                .build();
        EtcdCall.whenDone(authenticate.apply(request), (answer, failure) -> {
            if (failure != null) {
                forget(fetched); // so that the next call tries again
                fetched.completeExceptionally(failure);
            } else {
                Metadata headers = new Metadata();
                headers.put(HEADER, answer.getToken());
                fetched.complete(headers);
            }
        });
        return fetched;
    }
}
