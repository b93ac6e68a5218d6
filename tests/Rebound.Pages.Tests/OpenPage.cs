using Microsoft.Playwright;

namespace Rebound.Pages.Tests;

/// <summary>A page in a browser's window of its own, which notes what the browser complains of.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private OpenPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Errors of the console, breaches of the policy among them, and of scripts.</summary>
    public List<string> Complaints { get; } = [];

    public static async Task<OpenPage> AtAsync(Uri address, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        var browser = await Browser.GetAsync();
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var opened = new OpenPage(context, await context.NewPageAsync());
        opened.Page.SetDefaultTimeout(30_000);
        opened.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                opened.Complaints.Add(message.Text);
            }
        };
        opened.Page.PageError += (_, error) => opened.Complaints.Add(error);
        await opened.Page.GotoAsync(address.ToString());
        return opened;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
