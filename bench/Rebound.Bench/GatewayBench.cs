using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Gateway;

namespace Rebound.Bench;

/// <summary>
/// Time that the recording gateway adds to a request, to the first event of a stream and to its end: the same requests sent to an upstream
/// that answers at once and through the gateway, in turns.
/// </summary>
internal static class GatewayBench
{
    private const int Events = 50;

    public static int Run(string[] arguments)
    {
        int Number(string name, int value) =>
            Arguments.Option(arguments, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : value;
        RunAsync(Number("--requests", 400), Number("--messages", 20), Number("--characters", 1000)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(int requests, int messages, int characters)
    {
        await using var upstream = await StartUpstreamAsync();
        var address = new Uri(upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var folder = Directory.CreateTempSubdirectory("rebound-gateway-bench-").FullName;
        try
        {
            await using var gateway = await RecordingGateway.StartAsync(new GatewayOptions { Upstream = address, Folder = folder, Port = 0 });
            using var http = new HttpClient();
            Console.WriteLine($"{requests} requests of {messages} messages of {characters} characters; a stream has {Events} events, a millisecond apart");
            foreach (var streamed in new[] { false, true })
            {
                var (direct, through) = (new List<(double First, double Whole)>(), new List<(double First, double Whole)>());
                for (var i = -requests / 4; i < (streamed ? requests / 4 : requests); i++)
                {
                    foreach (var (times, to) in new[] { (direct, address), (through, gateway.Address) })
                    {
                        var time = await AskAsync(http, to, Body(i, messages, characters, streamed));
                        if (i >= 0)
                        {
                            times.Add(time);
                        }
                    }
                }

                foreach (var (name, part) in new (string, Func<(double First, double Whole), double>)[]
                {
                    (streamed ? "first event" : "first byte", time => time.First), ("end", time => time.Whole),
                })
                {
                    var (before, after) = (direct.Select(part).Order().ToArray(), through.Select(part).Order().ToArray());
                    Console.WriteLine(
                        $"  {(streamed ? "streamed" : "whole"),-9} {name,-12} direct {Quantile(before, 0.5):0.000} ms, through "
                        + $"{Quantile(after, 0.5):0.000} ms: +{Quantile(after, 0.5) - Quantile(before, 0.5):0.000} ms at the median, "
                        + $"+{Quantile(after, 0.95) - Quantile(before, 0.95):0.000} ms at 95 %");
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Quantile(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];

    private static string Body(int number, int messages, int characters, bool streamed) => new JsonObject
    {
        ["model"] = "bench",
        ["stream"] = streamed,
        ["messages"] = new JsonArray([.. Enumerable.Range(0, messages).Select(index => new JsonObject
        {
            ["role"] = index % 2 == 0 ? "user" : "assistant",
            ["content"] = $"{number} {index} {new string('x', characters)}",
        })]),
    }.ToJsonString();

    private static async Task<(double First, double Whole)> AskAsync(HttpClient http, Uri address, string body)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "v1/chat/completions"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var stream = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 << 10];
        var begun = await stream.ReadAtLeastAsync(buffer, 1) > 0;
        var first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        while (begun && await stream.ReadAsync(buffer) > 0)
        {
        }

        return (first, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static async Task<WebApplication> StartUpstreamAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(new IPEndPoint(IPAddress.Loopback, 0)));
        var application = builder.Build();
        application.Run(AnswerAsync);
        await application.StartAsync();
        return application;
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var request = (await JsonNode.ParseAsync(context.Request.Body))!;
        if ((bool)request["stream"]!)
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < Events; i++)
            {
                await context.Response.WriteAsync(
                    "data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"token \"},\"finish_reason\":null}]}\n\n");
                await Task.Delay(1);
            }

            await context.Response.WriteAsync(
                "data: {\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(
            "{\"id\":\"a\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello.\"},\"finish_reason\":\"stop\"}]}");
    }
}
