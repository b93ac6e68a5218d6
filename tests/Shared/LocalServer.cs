using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Rebound.Testing;

/// <summary>An HTTP server on this machine whose every answer a test decides, misbehaviour included.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private const int MostPortsTried = 20;
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    private readonly HttpListener _listener;
    private readonly Func<int, HttpListenerContext, Task> _answer;
    private readonly Task _serving;
    private int _requests;

    /// <param name="answer">Given the request's number from 0 and the request.</param>
    public LocalServer(Func<int, HttpListenerContext, Task> answer)
    {
        _answer = answer;
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public int Requests => _requests;

    /// <summary>Answers with a text.</summary>
    public static Task Say(HttpListenerContext context, int status, string text, string kind = "application/json")
    {
        context.Response.StatusCode = status;
        return Say(context, Encoding.UTF8.GetBytes(text), kind);
    }

    /// <summary>Answers with bytes.</summary>
    public static async Task Say(HttpListenerContext context, byte[] body, string kind)
    {
        // Without its length an answer is sent in pieces, and the last one waits 40 ms until the first is acknowledged.
        (context.Response.ContentType, context.Response.ContentLength64) = (kind, body.Length);
        await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
    }

    /// <summary>Promises more than it sends, and breaks the connection.</summary>
    public static async Task Cut(HttpListenerContext context, string beginning)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength64 = 100_000;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(beginning));
        await context.Response.OutputStream.FlushAsync();
        context.Response.Abort();
    }

    /// <summary>Answers with a beginning and then with the same again and again, as long as somebody reads.</summary>
    public static async Task SayWithoutEnd(HttpListenerContext context, string kind, string beginning, string again)
    {
        context.Response.ContentType = kind;
        context.Response.SendChunked = true;
        foreach (var text in Enumerable.Repeat(again, int.MaxValue).Prepend(beginning).Where(text => text.Length > 0))
        {
            // A piece without text would be the end.
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Once: a second leave-taking (Stop, then Close) listens anew for a moment, and fails where another process has the port by then.
        _listener.Close();
        await _serving.WaitAsync(LongestEnd);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                _ = AnswerAsync(Interlocked.Increment(ref _requests) - 1, context);
            }
        }
        catch (Exception e) when (e is HttpListenerException or InvalidOperationException)
        {
            // The test is over: stopped while it waited, or before it waited again.
        }
    }

    private async Task AnswerAsync(int number, HttpListenerContext context)
    {
        try
        {
            await _answer(number, context);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client went away, as some tests mean it to.
        }
    }

    /// <summary>A port that is free may be somebody else's by the time it is taken.</summary>
    private static (HttpListener Listener, Uri Address) Listen()
    {
        for (var tried = 1; ; tried++)
        {
            var (listener, address) = (new HttpListener(), new Uri($"http://127.0.0.1:{FreePort()}/"));
            listener.Prefixes.Add(address.ToString());
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException) when (tried < MostPortsTried)
            {
                listener.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
