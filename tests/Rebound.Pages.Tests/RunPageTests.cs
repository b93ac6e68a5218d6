using System.Net;
using System.Text.RegularExpressions;

namespace Rebound.Pages.Tests;

/// <summary>The pages of runs, by HTTP alone.</summary>
public sealed class RunPageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Curves_of_runs_are_laid_over_each_other_and_drawn_again_only_when_something_came()
    {
        await using var server = await LookingServer.StartAsync(looking =>
        {
            looking.Write("runs/one/metrics.jsonl", Step(1, 3), Step(2, 2));
            looking.Write("runs/two/metrics.jsonl", Step(1, 4));
        });
        var page = await server.Http.GetStringAsync("/runs", HttpStatusCode.OK);
        Assert.Contains("2 of 2 shown", page);
        Assert.Equal(2 * 2 * 3, page.Split("<polyline").Length - 1);
        var curves = Regex.Match(page, "data-follow=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;

        using var first = await server.Http.GetAsync(curves, Cancellation);
        var tag = first.Headers.ETag!.Tag;
        Assert.Contains("<svg", await first.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(server, curves, tag)).Status);

        File.AppendAllText(Path.Combine(server.Root, "runs/one/metrics.jsonl"), Step(3, 1.25) + "\n");
        server.Wait();
        var (status, body) = await AskAsync(server, curves, tag);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("1.25", body);

        Directory.Delete(Path.Combine(server.Root, "runs/two"), recursive: true);
        server.Wait();
        Assert.Contains("1 of 1 shown", await server.Http.GetStringAsync("/runs", HttpStatusCode.OK));
        Assert.DoesNotContain(server.Root, page + body);
    }

    [Fact]
    public async Task Runs_are_chosen_smoothed_and_drawn_over_a_logarithmic_axis_by_the_address()
    {
        await using var server = await LookingServer.StartAsync(looking =>
        {
            looking.Write("runs/a<b>/metrics.jsonl", [.. Enumerable.Range(1, 40).Select(step => Step(step, 1000.0 / step))]);
            looking.Write("runs/two/metrics.jsonl", Step(1, 4));
        });
        var page = await server.Http.GetStringAsync("/runs", HttpStatusCode.OK);
        var run = Regex.Match(page, "value=\"([0-9a-f]{12})\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups[1].Value;

        var chosen = await server.Http.GetStringAsync($"/runs?run={run}&smooth=0.9&log=1", HttpStatusCode.OK);

        Assert.Contains("1 of 2 shown", chosen);
        Assert.Contains("class=\"line thin nat\"", chosen);
        Assert.Contains(">1,000</text>", chosen);
        Assert.DoesNotContain("<b>/", chosen.Replace("<b>Rebound", "", StringComparison.Ordinal));
        await server.Http.GetStringAsync("/runs?run=nothing&smooth=5&log=x", HttpStatusCode.OK);
    }

    [Fact]
    public async Task Rounds_of_an_improvement_and_evaluations_are_reported_where_they_are()
    {
        await using var server = await LookingServer.StartAsync(looking =>
        {
            looking.Write("runs/improved/round-00/round.json", Round(0, 0.25));
            looking.Write("runs/improved/round-01/round.json", Round(1, 0.75));
            looking.Write("runs/tried/collection.json", "{\"task\": \"<i>trivia\", \"model\": \"m\", \"condition\": \"\"}");
            looking.Write("runs/tried/episodes.jsonl", Episode("1", true), Episode("2", false), Episode("3", false));
            looking.Write("runs/broken/study.json", "{");
        });
        var page = await server.Http.GetStringAsync("/runs", HttpStatusCode.OK);
        var links = Regex.Matches(page, "href=\"(/runs/results/[0-9a-f]+)\">([^<]+)<", RegexOptions.None, TimeSpan.FromSeconds(1))
            .ToDictionary(match => match.Groups[2].Value, match => match.Groups[1].Value);
        Assert.Equal(["runs", "runs/broken", "runs/improved"], links.Keys);

        var rounds = await server.Http.GetStringAsync(links["runs/improved"], HttpStatusCode.OK);
        Assert.Contains("Accuracy by round", rounds);
        Assert.Contains("+50.0", rounds);
        var broken = await server.Http.GetStringAsync(links["runs/broken"], HttpStatusCode.OK);
        Assert.Contains("class=\"problem\"", broken);

        Directory.Delete(Path.Combine(server.Root, "runs/broken"), recursive: true);
        server.Wait();
        var all = await server.Http.GetStringAsync(links["runs"], HttpStatusCode.OK);
        Assert.Contains("33.3", all);
        Assert.Contains("wrong answer", all);
        Assert.DoesNotContain("<i>", all);
        Assert.All((string[])[page, rounds, broken, all], html => Assert.DoesNotContain(server.Root, html));
        await server.Http.GetStringAsync(links["runs/broken"], HttpStatusCode.NotFound);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(LookingServer server, string path, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var response = await server.Http.SendAsync(request, Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }

    private static string Step(int step, double loss) => FormattableString.Invariant(
        $"{{\"step\":{step},\"loss\":{loss},\"learning_rate\":0.001,\"seconds\":0.5,\"tokens\":100,\"tokens_per_second\":200}}");

    private static string Episode(string id, bool right) =>
        $"{{\"id\": \"{id}\", \"sample\": 0, \"usage\": {{\"input_tokens\": 1, \"output_tokens\": 1}}, \"source\": \"0\", \"info\": {{\"reward\": {(right ? 1 : 0)}"
        + (right ? "" : ", \"cause\": \"wrong answer\"") + "}, \"conversations\": [{\"role\": \"assistant\", \"content\": \"so\", \"loss\": true}]}";

    private static string Round(int round, double accuracy) => FormattableString.Invariant(
        $$"""{"round": {{round}}, "held_out": {"accuracy": {{accuracy}}, "interval": {"low": 0.1, "high": 0.9}, "right": [1, {{(accuracy > 0.5 ? 1 : 0)}}, {{(accuracy > 0.5 ? 1 : 0)}}, 0], "causes": {}, "input_tokens": 1, "output_tokens": 1}, "seconds": {"collect": 0, "train": 0, "evaluate": 1} }""");
}
