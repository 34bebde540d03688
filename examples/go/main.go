// A small client of Tinct: uploads photos, trains, watches, colorizes. Made from the protos alone:
// ./generate.sh makes the package it imports.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	pb "tinct.example/tinctpb"
)

const pieceBytes = 1 << 20

// pieces cuts a file; an empty one is a single, empty piece.
func pieces(data []byte, each func(piece []byte, first, last bool) error) error {
	for start := 0; ; start += pieceBytes {
		end := min(start+pieceBytes, len(data))
		if err := each(data[start:end], start == 0, end == len(data)); err != nil {
			return err
		}
		if end == len(data) {
			return nil
		}
	}
}

func upload(ctx context.Context, conn grpc.ClientConnInterface, name, folder string) error {
	service := pb.NewDatasetServiceClient(conn)
	known := map[string]bool{}
	for token, more := "", true; more; more = token != "" {
		page, err := service.ListDatasetFiles(ctx, &pb.ListDatasetFilesRequest{Dataset: name, PageToken: token})
		if status.Code(err) == codes.NotFound {
			break
		} else if err != nil {
			return err
		}
		for _, file := range page.Files {
			known[file.FileName] = true
		}
		token = page.NextPageToken
	}
	stream, err := service.UploadDataset(ctx)
	if err != nil {
		return err
	}
	send := func(request *pb.UploadDatasetRequest) error { return stream.Send(request) }
	start := &pb.UploadDatasetRequest_Start{Start: &pb.UploadStart{Dataset: name}}
	err = send(&pb.UploadDatasetRequest{Part: start})
	if err == nil {
		err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			relative, err := filepath.Rel(folder, path)
			if err != nil || known[filepath.ToSlash(relative)] {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return pieces(data, func(data []byte, first, last bool) error {
				piece := &pb.UploadPiece{Data: data, Last: last}
				if first {
					piece.FileName, piece.SizeBytes = filepath.ToSlash(relative), int64(len(data))
					if !last {
						piece.SizeBytes = 0
					}
				}
				return send(&pb.UploadDatasetRequest{Part: &pb.UploadDatasetRequest_Piece{Piece: piece}})
			})
		})
	}
	if err == nil {
		err = send(&pb.UploadDatasetRequest{Part: &pb.UploadDatasetRequest_Finish{Finish: &pb.UploadFinish{}}})
	}
	if err != nil && !errors.Is(err, io.EOF) { // after io.EOF the answer says what is wrong
		return err
	}
	answer, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	for _, refused := range answer.Refused {
		log.Printf("refused %s: %s", refused.FileName, refused.Fault.Message)
	}
	fmt.Printf("uploaded %d photos, %d usable\n", answer.FilesReceived, answer.Report.UsablePhotos)
	return nil
}

// mostCuts is how often in a row, without an event in between, a call may be cut on its way.
const mostCuts = 5

// isCut tells whether a call may have been ended on its way: a proxy that cuts it at its idle limit is
// Internal, Unknown or Canceled, by the way it does so. The server's own Internal comes again each time.
func isCut(err error) bool {
	code := status.Code(err)
	return code == codes.Internal || code == codes.Unknown || code == codes.Canceled
}

// watch shows a job to its end, and goes on where it was after a lost connection.
func watch(ctx context.Context, service pb.ColorizationServiceClient, jobID string) (pb.JobState, error) {
	state, next, pause, cuts := pb.JobState_JOB_STATE_UNSPECIFIED, int64(1), 250*time.Millisecond, 0
	for {
		request := &pb.StreamMetricsRequest{JobId: jobID, FromSequence: next}
		stream, err := service.StreamMetrics(ctx, request, grpc.WaitForReady(true))
		for err == nil {
			var event *pb.StreamMetricsResponse
			if event, err = stream.Recv(); err != nil {
				break
			}
			next, pause, cuts = event.Sequence+1, 250*time.Millisecond, 0
			if losses := event.GetLosses(); losses != nil && losses.LossGL1 != nil {
				fmt.Printf("step %d: loss_G_L1 %.3f\n", losses.Step, losses.GetLossGL1())
			} else if change := event.GetState(); change != nil {
				state = change.To
				fmt.Println(strings.TrimSpace(state.String() + " " + change.Message))
			}
		}
		if errors.Is(err, io.EOF) {
			return state, nil
		}
		if isCut(err) {
			cuts++
		}
		if status.Code(err) != codes.Unavailable && (!isCut(err) || cuts > mostCuts || ctx.Err() != nil) {
			return state, err
		}
		log.Printf("connection lost, going on from event %d", next)
		time.Sleep(pause)
		pause = min(5*time.Second, 2*pause)
	}
}

func colorize(ctx context.Context, service pb.ColorizationServiceClient, model, source, target string) error {
	data, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	stream, err := service.ColorizeStream(ctx)
	if err != nil {
		return err
	}
	go func() { // both ways at once, as flow control wants it
		defer stream.CloseSend()
		_ = pieces(data, func(data []byte, first, last bool) error { // Recv has the reason
			request := &pb.ColorizeStreamRequest{PhotoId: source[:min(200, len(source))], Data: data, Last: last}
			if first {
				reference := &pb.ModelReference{Source: &pb.ModelReference_Name{Name: model}}
				request.Settings = &pb.ColorizeSettings{Model: reference}
			}
			return stream.Send(request)
		})
	}()
	var picture []byte
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return os.WriteFile(target, picture, 0o644)
		} else if err != nil {
			return err
		}
		if response.Fault != nil {
			return errors.New(response.Fault.Message)
		}
		if response.Photo != nil {
			fmt.Printf("%s: %dx%d\n", target, response.Photo.Width, response.Photo.Height)
		}
		picture = append(picture, response.Data...)
	}
}

// bearer is a token, sent as metadata with every call; gRPC refuses to send it in the clear.
type bearer string

func (token bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

func (bearer) RequireTransportSecurity() bool { return true }

// connect opens a connection: over TLS where the authorities to trust are given.
func connect(server, ca, tokenFile string) (*grpc.ClientConn, error) {
	proof := insecure.NewCredentials()
	if ca != "" {
		var err error
		if proof, err = credentials.NewClientTLSFromFile(ca, ""); err != nil {
			return nil, err
		}
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(proof)}
	if tokenFile != "" {
		token, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, err
		}
		options = append(options, grpc.WithPerRPCCredentials(bearer(strings.TrimSpace(string(token)))))
	}
	return grpc.NewClient(server, options...)
}

func run() error {
	server := flag.String("server", "127.0.0.1:50051", "address of the server")
	ca := flag.String("ca", "", "PEM file of the authorities to trust; speaks TLS")
	tokenFile := flag.String("token-file", "", "file with the token to send, over TLS")
	photos := flag.String("photos", "", "folder of photos to train on")
	dataset := flag.String("dataset", "example-go", "name of the dataset")
	config := flag.String("config", "{}", "training options as JSON, such as {\"size\": 64}")
	photo := flag.String("photo", "", "photo to colorize")
	out := flag.String("out", "colour.jpg", "where the colour photo goes")
	flag.Parse()
	ctx := context.Background()
	conn, err := connect(*server, *ca, *tokenFile)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := upload(ctx, conn, *dataset, *photos); err != nil {
		return err
	}
	options := &pb.TrainingConfig{}
	if err := protojson.Unmarshal([]byte(*config), options); err != nil {
		return err
	}
	service := pb.NewColorizationServiceClient(conn)
	answer, err := service.Train(ctx, &pb.TrainRequest{Dataset: *dataset, Config: options})
	if err != nil {
		return err
	}
	jobID := answer.Job.JobId
	fmt.Println("job", jobID)
	state, err := watch(ctx, service, jobID)
	if err != nil || state != pb.JobState_JOB_STATE_SUCCEEDED {
		return errors.Join(err, fmt.Errorf("the job ended as %s", state))
	}
	reference := &pb.PromoteCheckpointRequest{Checkpoint: &pb.CheckpointReference{JobId: jobID}, Name: *dataset}
	if _, err := pb.NewModelServiceClient(conn).PromoteCheckpoint(ctx, reference); err != nil || *photo == "" {
		return err
	}
	return colorize(ctx, service, *dataset, *photo, *out)
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
