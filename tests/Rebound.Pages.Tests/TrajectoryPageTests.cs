using System.Net;
using System.Text.RegularExpressions;

namespace Rebound.Pages.Tests;

/// <summary>The pages of trajectories, by HTTP alone.</summary>
public sealed class TrajectoryPageTests
{
    [Fact]
    public async Task The_table_filters_sorts_and_pages_by_its_address()
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write(
            "data/log.jsonl",
            [.. Enumerable.Range(0, 120).Select(row => Row($"q{row:000}", row % 3 == 0, $"say {row}")), "{\"id\": 5}"]));
        var first = await PageAsync(server, "/trajectories");

        Assert.Contains("121 of 121 rows in 1 file.", first);
        Assert.Equal(50, Ids(first).Length);
        Assert.Contains("href=\"/trajectories?page=2\" rel=\"next\"", first);
        Assert.Equal(["q100", "q101"], Ids(await PageAsync(server, "/trajectories?page=3")).Take(2));
        var sorted = await PageAsync(server, "/trajectories?outcome=positive&sort=id&down=1");
        Assert.Equal(["q117", "q114"], Ids(sorted).Take(2));
        Assert.Contains("40 of 121 rows", sorted);
        Assert.Contains("aria-sort=\"descending\"", sorted);
        Assert.Equal(["q077"], Ids(await PageAsync(server, "/trajectories?text=SAY+77")));
        var bad = await PageAsync(server, "/trajectories?outcome=bad");
        Assert.Contains("is missing, and so is &#x27;messages&#x27;", bad);
        Assert.Contains("No row is one that was asked for.", await PageAsync(server, "/trajectories?min-turns=9&page=77&sort=nonsense"));
    }

    [Fact]
    public async Task A_row_shows_its_parts_its_mask_and_where_a_success_and_a_failure_part()
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write(
            "data/log.jsonl",
            Row("q", false, "Thought: Hm.\\nAction: search[x]", "Observation: nothing"),
            Row("q", true, "Thought: Hm.\\nAction: search[x]", "Observation: something"), Row("other", true, "yes")));
        var table = await PageAsync(server, "/trajectories");
        var address = Regex.Match(table, "href=\"(/trajectories/[0-9a-f]+/)1\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;

        var page = await PageAsync(server, $"{address}1");
        Assert.Matches("class=\"part thought\">\\s*<span class=\"kind\">thought</span>\\s*<pre>Thought: Hm.</pre>", page);
        Assert.Matches("class=\"part call\">\\s*<span class=\"kind\">call</span>\\s*<pre>Action: search\\[x\\]</pre>", page);
        Assert.Contains("<pre>Observation: nothing</pre>", page);
        Assert.Contains("class=\"turn assistant learned", page);
        Assert.Contains("class=\"turn user read", page);
        Assert.Contains("1 other try at the same question", page);

        var with = Regex.Match(page, "with=[0-9a-f]+-2", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        var beside = await PageAsync(server, $"{address}1?{with}");
        Assert.Contains("They say the same in 2 turns, and part in the next.", beside);
        Assert.Equal(2, beside.Split("Here the two part.").Length - 1);
        Assert.Single(Regex.Matches(beside, "id=\"parting\"", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task What_files_hold_is_text_and_where_they_lie_stays_here()
    {
        const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>";
        await using var server = await LookingServer.StartAsync(looking =>
        {
            looking.Write("data/a.jsonl", Row("<b>id</b>", true, Hostile), "{\"messages\": 1, \"x\": \"<i>\"}", "not JSON <u>");
            looking.Write("data/unreadable.jsonl", "[");
            Directory.CreateSymbolicLink(Path.Combine(looking.Root, "data/elsewhere"), "/etc");
            File.CreateSymbolicLink(Path.Combine(looking.Root, "data/passwd.json"), "/etc/passwd");
        });
        var table = await PageAsync(server, "/trajectories");
        string[] links = [.. Regex.Matches(table, "href=\"(/trajectories/[^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Select(match => match.Groups[1].Value)];
        Assert.Equal(3, links.Length);
        foreach (var page in (string[])[table, .. await Task.WhenAll(links.Select(link => PageAsync(server, link)))])
        {
            Assert.DoesNotContain(server.Root, page);
            Assert.DoesNotMatch("<script>|<img src=x|<b>id|<u>|passwd|elsewhere", page);
        }
    }

    [Theory]
    [InlineData("/trajectories/000000000000/1")]
    [InlineData("/trajectories/..%2f..%2fetc%2fpasswd/1")]
    [InlineData("/trajectories/%2Fetc%2Fpasswd/1")]
    public async Task Rows_are_found_by_ids_alone(string path)
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write("data/log.jsonl", Row("q", true, "yes")));

        await server.Http.GetStringAsync(path, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_server_without_a_model_leads_to_what_it_shows_and_says_so_to_programs()
    {
        await using var server = await LookingServer.StartAsync(looking => looking.Write("data/log.jsonl", Row("q", true, "yes")));

        using var start = await server.Http.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal("/trajectories", start.Headers.Location?.OriginalString);
        await server.Http.GetStringAsync("/health", HttpStatusCode.OK);
        Assert.Contains("This server has no model", await server.Http.GetStringAsync("/v1/models", HttpStatusCode.NotFound));
    }

    /// <summary>A page, whose files have been read.</summary>
    private static async Task<string> PageAsync(LookingServer server, string path)
    {
        while (true)
        {
            var page = await server.Http.GetStringAsync(path, HttpStatusCode.OK);
            if (!page.Contains("More are being read", StringComparison.Ordinal)
                && !page.Contains("There is nothing yet", StringComparison.Ordinal))
            {
                return page;
            }
        }
    }

    private static string[] Ids(string page) =>
        [.. Regex.Matches(page, ">(q[0-9]+)</a>", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(match => match.Groups[1].Value)];

    private static string Row(string id, bool right, params string[] says) =>
        $"{{\"id\": \"{id}\", \"reward\": {(right ? 1 : 0)}, \"conversations\": [{{\"role\": \"user\", \"content\": \"ask {id}\"}}"
        + string.Concat(says.Select((text, turn) =>
            $", {{\"role\": \"{(turn % 2 == 0 ? "assistant" : "user")}\", \"content\": \"{text}\"}}")) + "]}";
}
