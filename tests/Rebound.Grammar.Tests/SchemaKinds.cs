using System.Text.Json.Nodes;

namespace Rebound.Grammar.Tests;

/// <summary>Random schemas of the kinds that benchmarks of structured output have.</summary>
internal sealed class SchemaKinds(Random random)
{
    private static readonly string[] Names =
        ["name", "id", "kind", "value", "tags", "owner", "size", "path", "enabled", "created at", "größe", "a\"b", "$ref-like", "x-1"];

    private static readonly string[] Patterns =
    [
        "^[a-z]{2,8}$", "^\\d{3}-\\d{4}$", "^(foo|bar|baz)+$", "^[A-Z][a-z]*( [A-Z][a-z]*)?$", "a.c", "^v\\d+\\.\\d+(\\.\\d+)?$", "[xyz]$",
        "^#[0-9a-fA-F]{6}$", "^(?!tmp)[a-z]+$", "^(?=.*\\d)(?=.*[a-z]).{3,9}$", "^$|^https?://[a-z.]+$", "^\\S+@\\S+$", "^[^\"\\\\]{1,4}$",
    ];

    private static readonly string[] Formats = ["date-time", "date", "time", "uuid", "ipv4", "ipv6", "email", "hostname", "uri"];

    public static string[] Kinds =>
        ["nested", "values", "tree", "config", "function", "number", "string", "array", "choice", "conjunction", "open", "draft7"];

    public JsonNode Make(string kind) => kind switch
    {
        "nested" => Object(depth: 3, closed: true),
        "values" => Values(),
        "tree" => Tree(),
        "config" => Config(),
        "function" => Function(),
        "number" => Number(),
        "string" => Text(),
        "array" => Array(),
        "choice" => Choice(),
        "conjunction" => Conjunction(),
        "open" => Object(depth: 2, closed: false),
        _ => DraftSeven(),
    };

    private JsonObject Any(int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => Text(),
        1 => Number(),
        2 => Typed("boolean"),
        3 => Values(),
        4 => new JsonObject { ["type"] = new JsonArray("string", "null") },
        5 => new JsonObject { ["type"] = "integer", ["minimum"] = random.Next(10), ["description"] = "A count." },
        6 => new JsonObject { ["type"] = "array", ["items"] = Any(depth - 1), ["maxItems"] = random.Next(1, 5) },
        _ => Object(depth - 1, closed: random.Next(3) > 0),
    };

    private JsonObject Object(int depth, bool closed)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var name in Some(Names, 1, 6))
        {
            properties[name] = Any(depth);
            if (random.Next(2) == 0)
            {
                required.Add(name);
            }
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["required"] = required };
        if (closed)
        {
            schema["additionalProperties"] = false;
        }
        else if (random.Next(2) == 0)
        {
            schema["additionalProperties"] = Any(0);
        }

        return schema;
    }

    private JsonObject Values() => random.Next(4) switch
    {
        0 => new JsonObject { ["enum"] = new JsonArray([.. Some(Names, 1, 8).Select(name => (JsonNode)name)]) },
        1 => new JsonObject { ["enum"] = new JsonArray(1, -2.5, null, true, "", "é\n", new JsonArray(1, 2), new JsonObject { ["a"] = 1 }) },
        2 => new JsonObject { ["const"] = random.Next(3) switch { 0 => "fixed", 1 => 7, _ => new JsonObject { ["k"] = new JsonArray() } } },
        _ => new JsonObject { ["type"] = "string", ["enum"] = new JsonArray("low", "lower", "high", 3, null), ["maxLength"] = 4 },
    };

    private JsonObject Tree() => random.Next(3) switch
    {
        0 => Parse($$$$$"""
            {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"label": {{{{{Text()}}}}},
             "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": {{{{{random.Next(1, 4)}}}}}}},
             "required": ["label"], "additionalProperties": false}}}
            """),
        1 => Parse($$$$$"""
            {"$defs": {"expression": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/call"}]},
             "call": {"type": "object", "properties": {"op": {"enum": ["add", "mul"]}, "args": {"type": "array", "minItems": 1,
             "items": {"$ref": "#/$defs/expression"}}}, "required": ["op", "args"], "additionalProperties": false}},
             "$ref": "#/$defs/expression"}
            """),
        _ => Parse($$$$$"""
            {"type": ["object", "null"], "properties": {"value": {{{{{Number()}}}}}, "next": {"$ref": "#"}},
             "required": ["next"], "additionalProperties": false}
            """),
    };

    private JsonObject Config() => Parse($$$$$"""
        {"$schema": "http://json-schema.org/draft-07/schema#", "title": "Settings", "type": "object",
         "definitions": {"step": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["run"],
          "properties": {"run": {"type": "string"}, "timeout": {"type": "integer", "minimum": 1, "maximum": {{{{{random.Next(1, 4000)}}}}}}}}]}},
         "properties": {"version": {"const": {{{{{random.Next(1, 9)}}}}}}, "on": {"anyOf": [{"enum": ["push", "pull"]},
          {"type": "array", "items": {"enum": ["push", "pull"]}, "minItems": 1}]},
          "env": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
          "jobs": {"type": "object", "minProperties": 1, "patternProperties": {"^[a-z_]{1,6}$": {"type": "object",
           "properties": {"steps": {"type": "array", "items": {"$ref": "#/definitions/step"}}, "needs": {{{{{Any(0)}}}}} } } },
           "additionalProperties": false}},
         "required": ["version", "jobs"], "additionalProperties": {{{{{FalseOr(Typed("boolean"))}}}}}}
        """);

    private JsonObject Function() => Parse($$$$$"""
        {"type": "object", "properties": {"city": {"type": "string", "description": "Where.", "minLength": 1},
         "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
         "days": {"type": "integer", "minimum": 1, "maximum": {{{{{random.Next(2, 30)}}}}}}, "limit": {{{{{Number()}}}}},
         "filters": {{{{{Object(1, closed: true)}}}}}, "ids": {"type": "array", "items": {"type": "integer"}, "minItems": {{{{{random.Next(3)}}}}}}},
         "required": ["city"{{{{{(random.Next(2) == 0 ? ", \"limit\"" : "")}}}}}], "additionalProperties": false}
        """);

    private JsonObject Number()
    {
        var schema = new JsonObject { ["type"] = random.Next(2) == 0 ? "integer" : "number" };
        var least = random.Next(4) switch { 0 => random.Next(-100, 100), 1 => random.Next(-9999, 9999) / 100m, 2 => 0, _ => -0.125m };
        var most = least + (random.Next(3) switch { 0 => 1, 1 => random.Next(1, 1000), _ => 1 + (random.Next(1, 99999) / 1000m) });
        if (random.Next(4) > 0)
        {
            schema[random.Next(3) == 0 ? "exclusiveMinimum" : "minimum"] = least;
        }

        if (random.Next(4) > 0)
        {
            schema[random.Next(3) == 0 ? "exclusiveMaximum" : "maximum"] = most + 2;
        }

        if (random.Next(8) == 0)
        {
            schema["multipleOf"] = schema["type"]!.GetValue<string>() == "integer" ? random.Next(1, 3) : 0.01m;
        }

        return schema;
    }

    private JsonObject Text()
    {
        var schema = new JsonObject { ["type"] = "string" };
        switch (random.Next(5))
        {
            case 0:
                schema["pattern"] = Some(Patterns, 1, 1).First();
                break;
            case 1:
                schema["format"] = Some(Formats, 1, 1).First();
                break;
            case 2:
                schema["minLength"] = random.Next(4);
                schema["maxLength"] = random.Next(4, 30);
                break;
            case 3:
                schema["pattern"] = "^[a-zé ]+$";
                schema["maxLength"] = random.Next(1, 9);
                break;
        }

        return schema;
    }

    private JsonObject Array() => random.Next(3) switch
    {
        0 => new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray(Any(1), Any(0)), ["items"] = false, ["minItems"] = random.Next(3) },
        1 => new JsonObject { ["type"] = "array", ["prefixItems"] = new JsonArray(Any(0)), ["items"] = Any(1), ["maxItems"] = random.Next(1, 5) },
        _ => new JsonObject { ["type"] = "array", ["items"] = Any(2), ["minItems"] = random.Next(3), ["maxItems"] = random.Next(3, 7) },
    };

    private JsonObject Choice() => random.Next(3) switch
    {
        0 => new JsonObject { ["anyOf"] = new JsonArray(Any(1), Any(1), Object(1, closed: true)) },
        1 => Parse($$$$$"""
            {"oneOf": [{"type": "object", "properties": {"type": {"const": "circle"}, "radius": {{{{{Number()}}}}}}, "required": ["type", "radius"],
              "additionalProperties": false},
             {"type": "object", "properties": {"type": {"const": "square"}, "side": {{{{{Number()}}}}}}, "required": ["type", "side"]},
             {"type": "integer", "maximum": 3}, {"type": "integer", "minimum": 4}, {"type": "null"}]}
            """),
        _ => Parse("""
            {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": true},
             "anyOf": [{"required": ["a"]}, {"required": ["b"], "properties": {"c": {"type": "null"}}}], "additionalProperties": false}
            """),
    };

    private JsonObject Conjunction() => Parse($$$$$"""
        {"$defs": {"base": {"type": "object", "properties": {"id": {"type": "integer", "minimum": {{{{{random.Next(-5, 5)}}}}}},
          "name": {"type": "string"}}, "required": ["id"]}},
         "allOf": [{"$ref": "#/$defs/base"}, {"properties": {"id": {"maximum": {{{{{random.Next(10, 500)}}}}}}, "name": {"minLength": 1, "maxLength": 9},
          "extra": {{{{{Any(1)}}}}}}, "required": ["extra"]}], "properties": {"name": {"pattern": "^[a-z]*$"}}}
        """);

    private JsonObject DraftSeven() => Parse($$$$$"""
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"positive": {"type": "integer", "exclusiveMinimum": 0}}, "type": "array",
         "items": [{"$ref": "#/definitions/positive"}, {{{{{Any(1)}}}}}], "additionalItems": {{{{{FalseOr(Any(0))}}}}},
         "minItems": {{{{{random.Next(3)}}}}}, "maxItems": 5}
        """);

    private JsonNode FalseOr(JsonNode schema) => random.Next(2) == 0 ? false : schema;

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private string[] Some(string[] from, int least, int most) =>
        [.. from.OrderBy(_ => random.Next()).Take(random.Next(least, most + 1))];

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
