using Rebound.Cli;
using Rebound.Cli.Terminal;

StandardStreams.Open();
return ErrorBoundary.Run(new CommandTerminal(quiet: false, verbose: false), () => CommandLine.Run(args));
