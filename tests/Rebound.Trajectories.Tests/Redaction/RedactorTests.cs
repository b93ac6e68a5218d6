using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Trajectories.Cleaning.Redaction;

namespace Rebound.Trajectories.Tests.Redaction;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("Write to jo.bloggs+shop@mail.example.co.uk, please.", "Write to [EMAIL_1], please.")]
    [InlineData("<mailto:jürgen@müller.example>", "<mailto:[EMAIL_1]>")]
    [InlineData("a@b and 3@4.5 and @handle and x @ y.com", null)]
    [InlineData("Call +49 30 901820, (212) 555-0123 or 1-212-555-0123.", "Call [PHONE_1], [PHONE_2] or [PHONE_3].")]
    [InlineData("Tel. 030/901820-11, 020 7946 0958, 01 70 18 99 00", "Tel. [PHONE_1], [PHONE_2], [PHONE_3]")]
    [InlineData("+15005550006", "[PHONE_1]")]
    [InlineData("It took 12-05-2024 10:30 and 1,234,567,890 steps, 0.123456789, 5 +12, 2024-01-02 and 192.168.0.1", null)]
    [InlineData("3141592653589793 times 5550123", null)]
    [InlineData("Card 4111 1111 1111 1111, 5555-5555-5555-4444 and 378282246310005", "Card [CARD_1], [CARD_2] and [CARD_3]")]
    [InlineData("4111 1111 1111 1112 and 41111111111111111", null)]
    [InlineData("IBAN GB82 WEST 1234 5698 7654 32; DE89370400440532013000.", "IBAN [IBAN_1]; [IBAN_2].")]
    [InlineData("GB82 WEST 1234 5698 7654 33", null)]
    [InlineData("key AKIAIOSFODNN7EXAMPLE here", "key [KEY_1] here")]
    [InlineData("OPENAI_API_KEY=\"sk-proj-abcdefghij0123456789\"", "OPENAI_API_KEY=\"[KEY_1]\"")]
    [InlineData("Authorization: Bearer abcDEF123456ghiJKL789", "Authorization: Bearer [KEY_1]")]
    [InlineData("{\"password\": \"hunter2hunter2\"}", "{\"password\": \"[KEY_1]\"}")]
    [InlineData("a basic understanding; the token is sentencepiece; max_tokens: 12345678; risk-management-and-long-words-1", null)]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE+a/b1==\n-----END RSA PRIVATE KEY-----", "[KEY_1]")]
    [InlineData("https://jo:secret1234@db.example/x", "https://jo:[EMAIL_1]/x")]
    public void Personal_data_is_found_by_its_form(string text, string? redacted) => Assert.Equal(redacted ?? text, Redacted(text));

    [Fact]
    public void In_a_trajectory_a_value_has_one_mark_everywhere_and_what_else_there_is_stays()
    {
        var row = """
            {"id":7,"conversations":[{"role":"user","content":"I am a@b.example, not c@b.example","n":1.50},
            {"role":"assistant","content":"","tool_calls":[{"function":{"name":"mail","arguments":"{\"to\":\"a@b.example\",\"text\":\"Hi\\nc@b.example\"}"}}]}],
            "a@b.example":{"card":4111111111111111,"é":[true,null,"é"]}}
            """;
        var redactor = new Redactor(KnownPersonalData.All);

        var redacted = redactor.Redact(JsonDocument.Parse(row).RootElement);

        var expected = row.Replace("a@b.example", "[EMAIL_1]", StringComparison.Ordinal)
            .Replace("c@b.example", "[EMAIL_2]", StringComparison.Ordinal)
            .Replace("4111111111111111", "\"[CARD_1]\"", StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), redacted), redacted.ToJsonString());
        Assert.Contains("1.50", redacted.ToJsonString());
        Assert.Equal(new RedactionCount(5, 1), redactor.Counts["email"]);
        Assert.Equal(new RedactionCount(1, 1), redactor.Counts["card"]);
        redactor.Redact(JsonDocument.Parse("""{"question":"c@b.example"}""").RootElement);
        Assert.Equal(new RedactionCount(6, 2), redactor.Counts["email"]);
    }

    [Fact]
    public void Tokens_that_would_still_say_it_go_with_it()
    {
        const string Tokens = ",\"generated\":{\"tokenizer\":\"t\",\"token_ids\":\"1 2\"}";
        var redactor = new Redactor(KnownPersonalData.All);

        var redacted = redactor.Redact(JsonDocument.Parse($$"""
            {"conversations":[{"content":"a@b.example"{{Tokens}}},{"content":"nobody"{{Tokens}}}]}
            """).RootElement);

        Assert.Equal(
            $$"""{"conversations":[{"content":"[EMAIL_1]"},{"content":"nobody"{{Tokens}}}]}""", redacted.ToJsonString());
        Assert.Equal(1, redactor.TurnsWithoutTokens);
    }

    [Fact]
    public void Patterns_of_the_users_own_come_first_and_may_name_the_part()
    {
        var redactor = new Redactor(
            [PersonalData.OfPattern("customer", "C-[0-9]{6}"), PersonalData.OfPattern("name", "Mrs? (?<value>[A-Z][a-z]+)"), .. KnownPersonalData.All]);

        var redacted = redactor.Redact(JsonDocument.Parse("{\"a\":\"Mr Bell, C-123456, and XC-123456, bell@b.example\"}").RootElement);

        Assert.Equal("Mr [NAME_1], [CUSTOMER_1], and XC-123456, [EMAIL_1]", (string?)redacted["a"]);
    }

    [Theory]
    [InlineData("Name", "x", "lower-case")]
    [InlineData("name", "(", "is no regular expression")]
    [InlineData("name", "(?<=a)b", "looks around")]
    [InlineData("name", @"(a)\1", "looks around")]
    public void A_pattern_that_cannot_be_used_is_refused(string name, string pattern, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<FormatException>(() => PersonalData.OfPattern(name, pattern)).Message);

    private static string Redacted(string text) =>
        (string)new Redactor(KnownPersonalData.All).Redact(JsonDocument.Parse(new JsonObject { ["t"] = text }.ToJsonString()).RootElement)["t"]!;
}
