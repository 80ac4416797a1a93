package dev.holdfast.server.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Reads JSON with the lines of everything in it. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final String file;
    private final JsonParser parser;

    private Json(String file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** @throws SyntaxException naming file and line */
    static Syntax.Body parse(String file, String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            Json json = new Json(file, parser);
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new SyntaxException(json.place(), "the file must be one object in braces");
            }
            Syntax.Body body = json.body(json.place());
            if (parser.nextToken() != null) {
                throw new SyntaxException(json.place(), "there is something after the end of the object");
            }
            return body;
        } catch (JsonProcessingException e) {
            // Jackson's own words show what it found, which may be a secret without its quotes.
            JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
            throw new SyntaxException(
                    new Place(file, Math.max(1, at.getLineNr())),
                    "not valid JSON" + (at.getColumnNr() > 0 ? " at column " + at.getColumnNr() : ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Place place() {
        return new Place(file, Math.max(1, parser.currentTokenLocation().getLineNr()));
    }

    private Syntax.Body body(Place opened) throws IOException {
        List<Syntax.Entry> entries = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Place place = place();
            String key = parser.currentName();
            JsonToken unused = parser.nextToken();
            entries.add(new Syntax.Entry(place, key, value(key)));
        }
        return new Syntax.Body(opened, entries);
    }

    private Syntax value(String key) throws IOException {
        Place place = place();
        return switch (parser.currentToken()) {
            case START_OBJECT -> body(place);
            case START_ARRAY -> {
                List<Syntax> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(key));
                }
                yield new Syntax.Sequence(place, items);
            }
            case VALUE_NULL -> throw new SyntaxException(place, "'" + key + "' is null; leave it out instead");
            default -> new Syntax.Scalar(place, parser.getText());
        };
    }
}
