package dev.holdfast.backend.etcd;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer. A failure is a {@link io.grpc.StatusRuntimeException}, or
 * {@link EtcdErrors.NotSent} when it is certain that the request left for nowhere.
 *
 * <p>Completed on the connection's thread: what depends on it must not block.
 */
final class EtcdCall<Q, A> extends ClientCall.Listener<A> {
    private static final Metadata.Key<String> NEEDS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final CompletableFuture<A> answer = new CompletableFuture<>();
    private final ClientCall<Q, A> call;
    private volatile boolean sent;
    private @Nullable A message;

    private EtcdCall(
            Channel channel, MethodDescriptor<Q, A> method, CallOptions options, Consumer<SocketAddress> asked) {
        call = channel.newCall(method, options.withStreamTracerFactory(new ClientStreamTracer.Factory() {
            @Override
            public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
                return new ClientStreamTracer() {
                    @Override
                    public void streamCreated(Attributes transport, Metadata headers) {
                        sent = true;
                        SocketAddress server = transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
                        if (server != null) {
                            asked.accept(server);
                        }
                    }
                };
            }
        }));
    }

    /**
     * What every call starts with: asks a member that has lost the others to say so at once, before it looks at the
     * request, instead of keeping the caller until its deadline.
     */
    static Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(NEEDS_LEADER, "true");
        return headers;
    }

    /** Sends a request; cancelling the future cancels the call. */
    static <Q, A> CompletableFuture<A> start(
            Channel channel, MethodDescriptor<Q, A> method, CallOptions options, Q request) {
        return start(channel, method, options, request, server -> {});
    }

    /**
     * As {@link #start(Channel, MethodDescriptor, CallOptions, Object)}.
     *
     * @param asked told which server the request goes to; at once, when there is a connection already
     */
    static <Q, A> CompletableFuture<A> start(
            Channel channel,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            Q request,
            Consumer<SocketAddress> asked) {
        EtcdCall<Q, A> started = new EtcdCall<>(channel, method, options, asked);
        whenDone(started.answer, (answer, failure) -> {
            if (started.answer.isCancelled()) {
                started.call.cancel("no longer wanted", failure);
            }
        });
        started.call.start(started, headers());
        // Two, so that the end of the stream is reported right behind the one message.
        started.call.request(2);
        started.call.sendMessage(request);
        started.call.halfClose();
        return started.answer;
    }

    /** Runs an action that neither blocks nor throws when a stage is done, well or not. */
    static <T extends @Nullable Object> void whenDone(
            CompletionStage<T> stage, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        stage.whenComplete(action);
    }

    @Override
    public void onMessage(A received) {
        message = received;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (!status.isOk()) {
            answer.completeExceptionally(sent ? status.asRuntimeException() : new EtcdErrors.NotSent(status));
        } else if (message == null) {
            answer.completeExceptionally(Status.INTERNAL
                    .withDescription("the server ended the call without an answer")
                    .asRuntimeException());
        } else {
            answer.complete(message);
        }
    }
}
